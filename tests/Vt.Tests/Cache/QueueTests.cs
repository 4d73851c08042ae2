using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Cache;
using Vt.Stores.Memory;
using Vt.Tests.Chains;
using Vt.Tests.Support;

namespace Vt.Tests.Cache;

/// <summary>Writes that are taken while the store behind is away, and what becomes of them.</summary>
public sealed class QueueTests : IDisposable
{
    static readonly CacheOptions _options = new()
    {
        MostBytes = CacheOptions.SmallestSize,
        IsWriteback = true,
        SendDelay = TimeSpan.FromDays(1),
        Linger = TimeSpan.Zero,
        FirstPause = TimeSpan.FromMilliseconds(1),
        LongestPause = TimeSpan.FromMilliseconds(2),
    };

    readonly TempFolder _folder = new(inMemory: true);
    readonly MemoryStore _far = new();
    readonly GatedStore _away;
    readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 41, 60);

    public QueueTests() => _away = new GatedStore(_far);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_writes_past_the_queue_and_is_told_of_what_waits_there_has_it_behind_by_a_flush()
    {
        await using var queue = Open();
        await TestBlock.AddAsync(queue, _blocks);
        await using (var past = new CacheStore(_folder["cache"], _away, _options with { IsWriteback = false }))
        {
            var present = new bool[60];
            await past.ContainsManyAsync(_blocks.Select(static block => block.Hash).ToArray(), present);
            Assert.All(present, Assert.True);
            _away.IsAway = true;
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await past.FlushAsync());
            _away.IsAway = false;
            await past.FlushAsync();
        }

        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_far, block));
    }

    [Fact]
    public async Task What_was_written_while_the_store_behind_was_away_gets_there()
    {
        _away.IsAway = true;
        await using (var queue = Open())
        {
            Assert.Equal(60, (await TestBlock.AddAsync(queue, _blocks)).NewBlocks);
            await queue.FlushAsync();
            Assert.True(await queue.TryMoveAsync("branch/main", null, "1", "made"));
            Assert.True(await queue.TryMoveAsync("branch/main", "1", "2", "moved"));
            Assert.False(await queue.TryMoveAsync("branch/main", "1", "3", "no"));
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(queue, block));
            var present = new bool[60];
            await queue.ContainsManyAsync(_blocks.Select(block => block.Hash).ToArray(), present);
            Assert.All(present, Assert.True);
            Assert.Equal("2", await queue.ReadAsync("branch/main"));
            var lag = queue.GetLag()!;
            Assert.Equal((60, 2), (lag.Blocks, lag.Moves));
            Assert.InRange(lag.Bytes, 1, 2_000_000);
            Assert.NotNull(lag.Since);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => queue.CatchUpAsync());
            Assert.Contains("away, by plan", queue.GetLag()!.LastError, StringComparison.Ordinal);
        }

        _away.IsAway = false;
        await using var again = Open();
        Assert.Equal("2", await again.ReadAsync("branch/main"));
        Assert.Null(await _far.ReadAsync("branch/main"));
        await again.CatchUpAsync();
        Assert.True(again.GetLag()!.IsNone);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_far, block));
        var log = await _far.ReadLogAsync("branch/main").ToArrayAsync();
        Assert.Equal((2, "2", "moved"), (log.Length, log[1].Value, log[1].Note));

        // What was sent is a cache from then on.
        _away.IsAway = true;
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(again, block));

        // So is what is known of references: the next movements go on from there.
        Assert.True(await again.TryMoveAsync("branch/main", "2", "3", "away again"));
        _away.IsAway = false;
        await again.CatchUpAsync();
        Assert.Equal(0, again.GetLag()!.Conflicts);
        Assert.Equal("3", await _far.ReadAsync("branch/main"));
    }

    [Fact]
    public async Task Blocks_arrive_in_order_and_a_reference_after_them()
    {
        var order = new RecordingStore(_far);
        await using var queue = new CacheStore(_folder["cache"], order, _options);
        foreach (var block in _blocks)
            await TestBlock.AddAsync(queue, block);
        await queue.FlushAsync();
        Assert.True(await queue.TryMoveAsync("branch/main", null, _blocks[^1].Hash.ToString(), ""));
        await queue.CatchUpAsync();
        var trees = order.Events.Where(name => Array.Exists(_blocks, block => block.Content == BlockContent.Tree && block.Hash.ToString() == name)).ToArray();
        Assert.Equal(_blocks.Where(block => block.Content == BlockContent.Tree).Select(block => block.Hash.ToString()), trees);
        Assert.Equal(["flush", "move branch/main"], order.Events.TakeLast(2));
        Assert.Equal(60, order.Events.Count(name => name.EndsWith(".blake3", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_reference_that_somebody_else_moved_is_theirs_and_ours_is_kept()
    {
        await using var queue = Open();
        Assert.True(await queue.TryMoveAsync("branch/main", null, "1", "made"));
        Assert.Equal("1", await _far.ReadAsync("branch/main"));
        _away.IsAway = true;
        Assert.True(await queue.TryMoveAsync("branch/main", "1", "ours", "while away"));
        Assert.True(await queue.TryMoveAsync("branch/main", "ours", "ours too", "while away still"));
        Assert.True(await _far.TryMoveAsync("branch/main", "1", "theirs", "elsewhere"));
        _away.IsAway = false;
        await queue.CatchUpAsync();
        Assert.Equal("theirs", await queue.ReadAsync("branch/main"));
        var kept = await queue.ListAsync("conflict/branch/main/").ToArrayAsync();
        Assert.Equal(["ours", "ours too"], [(await queue.ReadAsync(kept[0]))!, (await queue.ReadAsync(kept[1]))!]);
        Assert.Equal(2, queue.GetLag()!.Conflicts);
    }

    [Fact]
    public async Task A_movement_that_was_made_and_not_noted_is_no_conflict()
    {
        await using var queue = Open();
        _away.IsAway = true;
        Assert.True(await queue.TryMoveAsync("branch/main", null, "1", "made"));
        Assert.True(await _far.TryMoveAsync("branch/main", null, "1", "made"));
        _away.IsAway = false;
        await queue.CatchUpAsync();
        Assert.Equal(0, queue.GetLag()!.Conflicts);
        Assert.Empty(await _far.ListAsync("conflict/").ToArrayAsync());
    }

    [Fact]
    public async Task Adds_wait_for_room_and_are_refused_when_none_comes()
    {
        _away.IsAway = true;
        var clock = new FakeClock();
        await using var queue = new CacheStore(_folder["cache"], _away, _options with { MostLag = 200_000, Time = clock });
        var random = new Random(2);
        var blocks = Enumerable.Range(0, 8).Select(_ =>
        {
            var bytes = new byte[50_000];
            random.NextBytes(bytes);
            return TestBlock.Of(queue.Hasher, bytes);
        }).ToArray();
        await TestBlock.AddAsync(queue, blocks[..3]);
        var waiting = TestBlock.AddAsync(queue, blocks[3..5]);
        await clock.WhenAwaited;
        Assert.False(waiting.IsCompleted);
        _away.IsAway = false;
        await queue.CatchUpAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        await waiting;
        _away.IsAway = true;
        var refused = TestBlock.AddAsync(queue, blocks[5..8]);
        await clock.WhenAwaited;
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("max_lag", (await Assert.ThrowsAsync<StoreFullException>(() => refused)).Message, StringComparison.Ordinal);
        foreach (var block in blocks[..5])
            Assert.True(await TestBlock.IsInAsync(queue, block));
    }

    [Fact]
    public async Task Damage_in_the_queue_is_said_and_healed_by_adding_again()
    {
        _away.IsAway = true;
        await using (var queue = Open())
        {
            await TestBlock.AddAsync(queue, _blocks);
            await queue.FlushAsync();
        }

        var path = Assert.Single(Directory.GetFiles(_folder["cache/packs"], "*.open"));
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        _away.IsAway = false;
        await using var again = Open();
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => again.CatchUpAsync());
        Assert.Contains("damaged", fault.Message, StringComparison.Ordinal);
        Assert.Equal(fault.Message, again.GetLag()!.LastError);
        var damaged = new List<TestBlock>();
        foreach (var block in _blocks)
        {
            if (await Record.ExceptionAsync(async () => Assert.True(await TestBlock.IsInAsync(again, block))) is BlockCorruptException)
                damaged.Add(block);
        }

        Assert.NotEmpty(damaged);
        await TestBlock.AddAsync(again, _blocks);
        await again.FlushAsync();
        await again.CatchUpAsync();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_far, block));
    }

    [Fact]
    public async Task Stores_on_one_folder_share_what_waits()
    {
        _away.IsAway = true;
        await using var one = Open();
        await using var other = Open();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            var mine = _blocks.ToArray();
            new Random(number).Shuffle(mine);
            var store = number % 2 == 0 ? one : other;
            foreach (var some in mine.Chunk(7))
                await TestBlock.AddAsync(store, some);
            await store.FlushAsync();
        })));
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(one, block) && await TestBlock.IsInAsync(other, block));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            var store = number % 2 == 0 ? one : other;
            for (var i = 0; i < 5; i++)
            {
                string? value;
                do
                    value = await ReadAsync(store);
                while (!await store.TryMoveAsync("counter", value, $"{int.Parse(value ?? "0") + 1}", "up"));
            }
        })));
        Assert.Equal(20, one.GetLag()!.Moves);
        _away.IsAway = false;
        await Task.WhenAll(one.CatchUpAsync(), other.CatchUpAsync());
        Assert.Equal("20", await _far.ReadAsync("counter"));
        Assert.True(one.GetLag()!.IsNone);
        Assert.True((await _far.EnumerateAsync().CountAsync()) == 60);

        static async Task<string?> ReadAsync(CacheStore store)
        {
            try
            {
                return await store.ReadAsync("counter");
            }
            catch (StoreUnavailableException)
            {
                // Nothing is known of it yet.
                return null;
            }
        }
    }

    [Fact]
    public async Task The_table_may_go_while_something_waits()
    {
        _away.IsAway = true;
        await using (var queue = Open())
        {
            await TestBlock.AddAsync(queue, _blocks);
            await queue.FlushAsync();
        }

        File.Delete(_folder["cache/table"]);
        await using var again = Open();
        Assert.Equal(60, again.GetLag()!.Blocks);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(again, block));
        Assert.Equal(60, (await TestBlock.AddAsync(again, _blocks)).KnownBlocks);
        _away.IsAway = false;
        await again.CatchUpAsync();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_far, block));
    }

    [Fact]
    public async Task What_waits_is_never_sent_to_another_store_nor_dropped_by_a_clear()
    {
        _away.IsAway = true;
        await using (var queue = new CacheStore(_folder["cache"], _away, _options with { BackingName = "datadir /one" }))
        {
            await TestBlock.AddAsync(queue, _blocks);
            await queue.FlushAsync();
            queue.Clear();
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(queue, block));
        }

        var fault = Assert.Throws<UserErrorException>(() => new CacheStore(_folder["cache"], _far, _options with { BackingName = "datadir /other" }));
        Assert.Contains("something to send to datadir /one", fault.Message, StringComparison.Ordinal);
        Assert.Equal(60, new CacheInspector(_folder["cache"]).GetInfo()!.Lag.Blocks);
        Assert.Equal(60, new CacheInspector(_folder["cache"]).Clear(withUnsent: true)!.Blocks);
        await using var other = new CacheStore(_folder["cache"], _far, _options with { BackingName = "datadir /other" });
        Assert.True(other.GetLag()!.IsNone);
        Assert.False(await TestBlock.IsInAsync(other, _blocks[0]));
    }

    [Fact]
    public async Task What_is_written_past_the_queue_comes_after_it()
    {
        _away.IsAway = true;
        await using (var queue = Open())
            await TestBlock.AddAsync(queue, _blocks[..30]);
        await using var through = new CacheStore(_folder["cache"], _away, _options with { IsWriteback = false });
        foreach (var block in _blocks[..30])
            Assert.True(await TestBlock.IsInAsync(through, block));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(through, _blocks[30..]));
        _away.IsAway = false;
        await TestBlock.AddAsync(through, _blocks[30..]);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_far, block));
    }

    [Fact]
    public async Task Closing_sends_what_it_can_in_its_time()
    {
        await using (var queue = new CacheStore(_folder["cache"], _away, _options with { Linger = TimeSpan.FromSeconds(30) }))
        {
            await TestBlock.AddAsync(queue, _blocks);
            await queue.FlushAsync();
        }

        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_far, block));
    }

    CacheStore Open() => new(_folder["cache"], _away, _options);

    /// <summary>Notes what is done to a store.</summary>
    sealed class RecordingStore(IBlockStore inner) : Vt.Stores.ForwardingStore(inner)
    {
        public List<string> Events { get; } = [];

        public override ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
        {
            Events.AddRange(blocks.ToArray().Select(slot => slot.Hash.ToString()));
            return base.AddManyAsync(buffer, blocks, cancellationToken);
        }

        public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
        {
            Events.Add("flush");
            return base.FlushAsync(cancellationToken);
        }

        public override ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
        {
            Events.Add($"move {name}");
            return base.TryMoveAsync(name, expected, value, note, cancellationToken);
        }
    }
}
