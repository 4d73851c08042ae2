using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Client;
using Vt.Stores.Streams.Transport;
using Vt.Tests.Chains;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

public sealed class StreamLossTests
{
    static readonly BlockHasher Hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    static readonly StreamClientOptions Patient = new() { Patience = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task What_a_server_took_and_lost_is_there_again_when_a_flush_was_answered()
    {
        var stores = new List<MemoryStore>();
        await using var served = ServedStore.Start(() =>
        {
            var store = new MemoryStore();
            stores.Add(store);
            return store;
        });
        await using var client = await served.OpenAsync();
        var blocks = TestBlock.Many(Hasher, 1, 100);
        await TestBlock.AddAsync(client, blocks);
        await served.EndAsync();
        served.Begin();
        await client.FlushAsync();
        Assert.Equal(2, stores.Count);
        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(stores[1], block));
    }

    [Fact]
    public async Task A_client_ends_though_a_new_server_is_stuck_with_what_the_last_one_lost()
    {
        var stuck = new StuckStore();
        var stores = new Queue<IBlockStore>([new MemoryStore(), stuck]);
        await using var served = ServedStore.Start(stores.Dequeue);
        var client = await served.OpenAsync(Patient);
        var blocks = TestBlock.Many(Hasher, 1, 10);
        await TestBlock.AddAsync(client, blocks);
        await served.EndAsync();
        served.Begin();
        var flush = client.FlushAsync().AsTask();
        await stuck.WhenAsked;
        await client.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<Exception>(() => flush);
    }

    [Fact]
    public async Task What_was_flushed_is_not_sent_again()
    {
        var stores = new List<CountingStore>();
        var blocks = new MemoryStore();
        await using var served = ServedStore.Start(() =>
        {
            var store = new CountingStore(blocks);
            stores.Add(store);
            return store;
        });
        await using var client = await served.OpenAsync();
        await TestBlock.AddAsync(client, TestBlock.Many(Hasher, 1, 100));
        await client.FlushAsync();
        await served.EndAsync();
        served.Begin();
        await TestBlock.AddAsync(client, TestBlock.Many(Hasher, 2, 1));
        await client.FlushAsync();
        Assert.Equal(1, stores[1].Offered);
    }

    [Fact]
    public async Task A_block_that_was_there_when_it_was_asked_for_and_is_lost_fails_the_flush()
    {
        var stores = new Queue<MemoryStore>([new MemoryStore(), new MemoryStore()]);
        var first = stores.Peek();
        await using var served = ServedStore.Start(stores.Dequeue);
        await using var client = await served.OpenAsync(Patient with { Asks = AskPolicy.Always });
        var blocks = TestBlock.Many(Hasher, 1, 10);
        await TestBlock.AddAsync(first, blocks);
        Assert.Equal(10, (await TestBlock.AddAsync(client, blocks)).KnownBlocks);
        await served.EndAsync();
        served.Begin();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await client.FlushAsync());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(client, blocks));

        // Reading goes on.
        Assert.False(await TestBlock.IsInAsync(client, blocks[0]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_block_that_was_said_to_be_there_and_is_added_again_over_any_line_fails_nothing(int lines)
    {
        var stores = new Queue<MemoryStore>([new MemoryStore(), new MemoryStore()]);
        await using var served = ServedStore.Start(stores.Dequeue);
        await using var client = await served.OpenAsync(Patient with { Lines = lines });
        var blocks = TestBlock.Many(Hasher, 1, 40);
        var present = new bool[1];

        // Many at once, so that all lines are used, and what is asked over one was added over another.
        await Task.WhenAll(blocks.Select(block => TestBlock.AddAsync(client, block)));
        await Task.WhenAll(blocks.Select(block => client.ContainsManyAsync(new[] { block.Hash }, present).AsTask()));
        await served.EndAsync();
        var last = stores.Peek();
        served.Begin();
        await client.FlushAsync();
        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(last, block));
        await TestBlock.AddAsync(client, TestBlock.Many(Hasher, 2, 1));
        await client.FlushAsync();
    }

    [Fact]
    public async Task A_block_that_who_added_it_adds_again_in_time_fails_nothing_for_who_counts_on_it()
    {
        var stores = new Queue<MemoryStore>([new MemoryStore(), new MemoryStore()]);
        await using var served = ServedStore.Start(stores.Dequeue);
        await using var one = await served.OpenAsync(Patient);
        await using var other = await served.OpenAsync(Patient);
        var blocks = TestBlock.Many(Hasher, 1, 10);
        var present = new bool[10];
        await TestBlock.AddAsync(one, blocks);
        await other.ContainsManyAsync(blocks.Select(static block => block.Hash).ToArray(), present);
        Assert.DoesNotContain(false, present);
        await served.EndAsync();
        served.Begin();

        // The other one is there first, and what it counts on is not.
        Assert.Null(await other.ReadAsync("a"));
        Assert.Null(await one.ReadAsync("a"));
        await other.FlushAsync();
        await one.FlushAsync();
    }

    [Theory]
    [InlineData(60_001)]
    [InlineData(200_003)]
    [InlineData(1_000_003)]
    public async Task Lines_that_are_cut_again_and_again_cost_retries_and_nothing_else(long cutEvery)
    {
        var store = new MemoryStore();
        await using var served = ServedStore.Start(() => store);
        await using var proxy = new LineProxy(served.SocketPath) { CutEvery = cutEvery };
        await using var client = await StreamStore.OpenAsync(new UnixConnector(proxy.Path), Patient);
        var blocks = TestBlock.Many(Hasher, 1, 300, 30_000);
        foreach (var batch in blocks.Chunk((int)(cutEvery / 60_000)))
        {
            await TestBlock.AddAsync(client, batch);
            var value = await client.ReadAsync("counter");
            Assert.True(await client.TryMoveAsync("counter", value, $"{int.Parse(value ?? "0") + 1}", "up"));
        }

        await client.FlushAsync();
        foreach (var block in blocks)
        {
            Assert.True(await TestBlock.IsInAsync(client, block));
            Assert.True(await TestBlock.IsInAsync(store, block));
        }

        Assert.Equal(blocks.Select(block => block.Hash).Order(), await client.EnumerateAsync().ToArrayAsync());
        var moves = await store.ReadLogAsync("counter").ToArrayAsync();
        Assert.Equal(Enumerable.Range(1, moves.Length).Select(number => $"{number}"), moves.Select(move => move.Value));
        Assert.True(proxy.Cuts > 5, $"{proxy.Cuts} cuts");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flipped_bit_is_found_wherever_it_is(bool fromServer)
    {
        var store = new MemoryStore();
        await using var served = ServedStore.Start(() => store);
        var blocks = TestBlock.Many(Hasher, 1, 12, 3_000);
        var flips = 0;

        // Every part of the first frames, then places within and between the blocks.
        foreach (var at in Enumerable.Range(0, 40).Select(static i => i * 9).Concat(Enumerable.Range(0, 40).Select(static i => 360 + (i * 411))))
        {
            await using var proxy = new LineProxy(served.SocketPath) { FlipFromServer = fromServer ? at : -1, FlipFromClient = fromServer ? -1 : at };
            StreamStore client;
            try
            {
                client = await StreamStore.OpenAsync(new UnixConnector(proxy.Path), Patient);
            }
            catch (StoreUnavailableException)
            {
                flips += proxy.Flips;
                continue;
            }

            await using (client)
            {
                await TestBlock.AddAsync(client, blocks);
                foreach (var block in blocks)
                    Assert.True(await TestBlock.IsInAsync(client, block));
                await client.TryMoveAsync($"name{at}", null, "value", "note");
                Assert.Equal("value", await client.ReadAsync($"name{at}"));
                flips += proxy.Flips;
            }
        }

        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(store, block));
        Assert.Equal(12, store.GetCapacity().Blocks);
        Assert.True(flips > 40, $"{flips} flips");
    }

    [Fact]
    public async Task A_server_that_is_gone_fails_calls_once_patience_is_over_and_then_at_once()
    {
        var store = new MemoryStore();
        await using var served = ServedStore.Start(() => store);
        var clock = new SkippingClock();
        await using var client = await served.OpenAsync(Patient with { Patience = TimeSpan.FromMilliseconds(300), Time = clock });
        await served.EndAsync();
        var block = TestBlock.Many(Hasher, 1, 1);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.IsInAsync(client, block[0]));
        Assert.True(fault.IsTransient);
        for (var i = 0; i < 50; i++)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(client, block));
        served.Begin();
        clock.Skip(TimeSpan.FromMinutes(1));
        await TestBlock.AddAsync(client, block);
        Assert.True(await TestBlock.IsInAsync(store, block[0]));
    }

    [Fact]
    public async Task A_move_that_was_asked_for_before_a_server_was_started_anew_is_made_or_not_known()
    {
        var store = new MemoryStore();
        await using var served = ServedStore.Start(() => store);
        await using var client = await served.OpenAsync();
        await served.EndAsync();
        var move = client.TryMoveAsync("a", null, "1", "").AsTask();
        var other = client.TryMoveAsync("b", null, "1", "").AsTask();
        await store.TryMoveAsync("b", null, "1", "by somebody else, or by this client's first attempt: nobody knows");
        served.Begin();
        Assert.True(await move);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => other);
        Assert.Contains("not known whether b was moved", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_store_is_said_to_be_full_and_opened_anew_for_others()
    {
        var blocks = new MemoryStore();
        var opened = 0;
        await using var served = ServedStore.Start(() => ++opened == 1 ? new FaultyStore(blocks, [new FaultRule(FaultKind.DiskFull, 2, 1)]) : blocks);
        await using var one = await served.OpenAsync();
        await using var two = await served.OpenAsync();
        var wanted = TestBlock.Many(Hasher, 1, 3);
        await TestBlock.AddAsync(one, wanted[0]);
        await TestBlock.AddAsync(two, wanted[1]);
        await Assert.ThrowsAsync<StoreFullException>(() => TestBlock.AddAsync(one, wanted[2]));
        await two.FlushAsync();
        await TestBlock.AddAsync(one, wanted[2]);
        await one.FlushAsync();
        Assert.Equal(2, opened);
        foreach (var block in wanted)
            Assert.True(await TestBlock.IsInAsync(two, block));
    }

    [Fact]
    public async Task A_server_that_ends_answers_what_was_begun()
    {
        var store = new SlowStore(new MemoryStore());
        await using var served = ServedStore.Start(() => store);
        await using var client = await served.OpenAsync();
        var block = TestBlock.Many(Hasher, 1, 1);
        var add = TestBlock.AddAsync(client, block);
        await store.Begun.Task;
        var stop = served.Server.StopAsync(TimeSpan.FromSeconds(20));
        Assert.False(stop.IsCompleted);
        store.GoOn.SetResult();
        Assert.Equal(1, (await add).NewBlocks);
        await stop;
    }

    [Theory]
    [MemberData(nameof(AllFaults))]
    public async Task Whatever_goes_wrong_in_the_store_behind_the_data_is_right_or_there_is_an_error(FaultKind kind, int every)
    {
        var blocks = new MemoryStore();
        await using var served = ServedStore.Start(() => new FaultyStore(blocks, [new FaultRule(kind, 1, Every: every) { Delay = TimeSpan.FromMilliseconds(2) }]));
        var wanted = TestBlock.Many(Hasher, 1, 60, 4_000);
        await using var client = await served.OpenAsync();
        var errors = 0;
        foreach (var batch in wanted.Chunk(6))
        {
            try
            {
                await TestBlock.AddAsync(client, batch);
                await client.FlushAsync();
                foreach (var block in batch)
                    Assert.True(await TestBlock.IsInAsync(blocks, block));
            }
            catch (Exception fault) when (fault is StoreFullException or StoreUnavailableException)
            {
                errors++;
            }

            foreach (var block in batch)
            {
                try
                {
                    // Checks the bytes.
                    await TestBlock.IsInAsync(client, block);
                }
                catch (Exception fault) when (fault is BlockCorruptException or StoreUnavailableException)
                {
                    errors++;
                }
            }
        }

        FaultKind[] unseen = [FaultKind.Delay, FaultKind.DuplicateAdd, FaultKind.StaleList, FaultKind.BitFlip, FaultKind.TruncatedRead, FaultKind.LostFlush, FaultKind.ReferenceError, FaultKind.LostMove];
        Assert.True(errors > 0 || unseen.Contains(kind), "no fault showed");
    }

    public static TheoryData<FaultKind, int> AllFaults()
    {
        var faults = new TheoryData<FaultKind, int>();
        foreach (var kind in ChainModel.Kinds())
        {
            faults.Add(kind, 1);
            faults.Add(kind, 5);
        }

        return faults;
    }

    sealed class SlowStore(IBlockStore inner) : DelegatingStore(inner)
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
        {
            Begun.TrySetResult();
            await GoOn.Task;
            return await base.AddManyAsync(buffer, blocks, cancellationToken);
        }
    }

    /// <summary>A store whose adds never end unless they are cancelled.</summary>
    sealed class StuckStore() : ForwardingStore(new MemoryStore())
    {
        readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task WhenAsked => _asked.Task;

        public override async ValueTask<AddCounts> AddManyAsync(
            ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
        {
            _asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return default;
        }
    }
}
