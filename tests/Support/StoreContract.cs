using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Tests.Support;

/// <summary>What every store does, whatever it is made of. A derived class gives a fresh store, and opens it again where it is durable.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    IBlockStore? _store;

    /// <summary>The store under test.</summary>
    protected IBlockStore Store => _store!;

    /// <summary>Whether what was flushed is there after <see cref="ReopenAsync"/>.</summary>
    protected virtual bool IsDurable => false;

    protected abstract ValueTask<IBlockStore> OpenAsync();

    public async Task InitializeAsync() => _store = await OpenAsync();

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        _store = await OpenAsync();
    }

    [Fact]
    public async Task A_block_that_was_added_is_contained_and_read_back()
    {
        var blocks = TestBlock.Many(Store.Hasher, 1, 60);
        var counts = await TestBlock.AddAsync(Store, blocks);
        Assert.Equal((60, blocks.Sum(block => (long)block.Bytes.Length), 0), (counts.NewBlocks, counts.NewBytes, counts.KnownBlocks));
        Assert.All(await ContainsAsync(blocks), Assert.True);
        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(Store, block));
    }

    [Fact]
    public async Task An_absent_block_is_an_answer()
    {
        var block = TestBlock.Of(Store.Hasher, [1, 2, 3]);
        Assert.False((await ContainsAsync([block]))[0]);
        Assert.False(await TestBlock.IsInAsync(Store, block));
        var leases = new BlockLease[2];
        await Store.GetManyAsync(new[] { block.Hash, block.Hash }, leases);
        Assert.All(leases, lease => Assert.False(lease.IsPresent));
    }

    [Fact]
    public async Task A_block_of_another_algorithm_is_absent_and_refused()
    {
        var other = Store.Hasher.Algorithm == HashAlgorithmId.Sha256 ? HashAlgorithmId.Blake3 : HashAlgorithmId.Sha256;
        var block = TestBlock.Of(HashAlgorithms.GetHasher(other), [1, 2, 3]);
        Assert.False((await ContainsAsync([block]))[0]);
        Assert.False(await TestBlock.IsInAsync(Store, block));
        await Assert.ThrowsAsync<ArgumentException>(() => TestBlock.AddAsync(Store, block));
    }

    [Fact]
    public async Task The_empty_block_and_the_largest_one_are_kept()
    {
        var largest = new byte[ChunkingParameters.LargestBlock];
        new Random(2).NextBytes(largest);
        TestBlock[] blocks = [TestBlock.Of(Store.Hasher, []), TestBlock.Of(Store.Hasher, largest), TestBlock.Of(Store.Hasher, new byte[largest.Length])];
        await TestBlock.AddAsync(Store, blocks);
        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(Store, block));
    }

    [Fact]
    public async Task A_block_that_is_too_long_or_outside_its_buffer_is_refused()
    {
        var block = TestBlock.Of(Store.Hasher, [1, 2, 3]);
        var tooLong = new byte[ChunkingParameters.LargestBlock + 1];
        BlockSlot[][] wrong =
        [
            [new BlockSlot(Store.Hasher.Hash(tooLong), 0, tooLong.Length)],
            [new BlockSlot(block.Hash, tooLong.Length - 2, 3)],
            [new BlockSlot(block.Hash, -1, 3)],
            [new BlockSlot(block.Hash, 0, -1)],
        ];
        foreach (var slots in wrong)
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.AddManyAsync(tooLong, slots));
        Assert.False((await ContainsAsync([block]))[0]);
    }

    [Fact]
    public async Task A_block_is_new_once()
    {
        var blocks = TestBlock.Many(Store.Hasher, 3, 20);
        var counts = await TestBlock.AddAsync(Store, [.. blocks, .. blocks]);
        Assert.Equal((20, 20), (counts.NewBlocks, counts.KnownBlocks));
        counts = await TestBlock.AddAsync(Store, blocks);
        Assert.Equal((0, 20), (counts.NewBlocks, counts.KnownBlocks));
    }

    [Fact]
    public async Task Threads_that_add_the_same_blocks_store_each_once()
    {
        var blocks = TestBlock.Many(Store.Hasher, 4, 200, 8_000);
        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            var sum = default(AddCounts);
            var shuffled = blocks.ToArray();
            new Random(thread).Shuffle(shuffled);
            foreach (var batch in shuffled.Chunk(16))
            {
                sum += await TestBlock.AddAsync(Store, batch);
                foreach (var block in batch)
                    Assert.True(await TestBlock.IsInAsync(Store, block));
            }

            return sum;
        })));
        Assert.Equal((200, 1400), (counts.Sum(count => count.NewBlocks), counts.Sum(count => count.KnownBlocks)));
    }

    [Fact]
    public async Task Many_blocks_are_read_at_once_in_the_order_asked()
    {
        var blocks = TestBlock.Many(Store.Hasher, 5, 300, 6_000);
        await TestBlock.AddAsync(Store, blocks);
        var asked = blocks.Concat(blocks.Take(40)).ToArray();
        new Random(5).Shuffle(asked);
        var absent = TestBlock.Of(Store.Hasher, "absent"u8.ToArray());
        BlockHash[] hashes = [absent.Hash, .. asked.Select(block => block.Hash)];
        var leases = new BlockLease[hashes.Length];
        await Store.GetManyAsync(hashes, leases);
        Assert.False(leases[0].IsPresent);
        for (var i = 0; i < asked.Length; i++)
            Assert.True(leases[i + 1].Span.SequenceEqual(asked[i].Bytes));
        foreach (var lease in leases)
            lease.Dispose();
    }

    [Fact]
    public async Task Readers_and_writers_do_not_disturb_each_other()
    {
        var blocks = TestBlock.Many(Store.Hasher, 6, 240, 20_000);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            var random = new Random(thread);
            var mine = blocks.Where((_, i) => i % 4 == thread).ToArray();
            for (var i = 0; i < mine.Length; i += 6)
            {
                await TestBlock.AddAsync(Store, mine[i..(i + 6)]);
                for (var k = 0; k < 10; k++)
                    Assert.True(await TestBlock.IsInAsync(Store, mine[random.Next(i + 6)]));
                if (random.Next(4) == 0)
                    await Store.FlushAsync();
            }
        })));
        Assert.All(await ContainsAsync(blocks), Assert.True);
    }

    [Fact]
    public async Task What_was_flushed_is_there_after_opening_anew()
    {
        if (!IsDurable)
            return;
        var blocks = TestBlock.Many(Store.Hasher, 7, 50);
        await TestBlock.AddAsync(Store, blocks);
        await Store.FlushAsync();
        await ReopenAsync();
        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(Store, block));
        Assert.Equal(0, (await TestBlock.AddAsync(Store, blocks)).NewBlocks);
    }

    [Fact]
    public async Task Blocks_are_listed_in_order_each_once_and_from_anywhere()
    {
        if (Store is not IBlockEnumeration listing)
            return;
        var blocks = TestBlock.Many(Store.Hasher, 8, 500, 300);
        await TestBlock.AddAsync(Store, blocks[..300]);
        if (IsDurable)
            await ReopenAsync();
        listing = (IBlockEnumeration)Store;
        await TestBlock.AddAsync(Store, blocks[250..]);
        var sorted = blocks.Select(block => block.Hash).Order().ToArray();
        Assert.Equal(sorted, await listing.EnumerateAsync().ToArrayAsync());
        Assert.Equal(sorted[201..], await listing.EnumerateAsync(sorted[200]).ToArrayAsync());
        Assert.Empty(await listing.EnumerateAsync(sorted[^1]).ToArrayAsync());
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing_and_the_store_goes_on()
    {
        var blocks = TestBlock.Many(Store.Hasher, 9, 10);
        var (buffer, slots) = TestBlock.Batch(blocks);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.AddManyAsync(buffer, slots, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.GetAsync(blocks[0].Hash, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.FlushAsync(cancelled));
        Assert.Equal(10, (await TestBlock.AddAsync(Store, blocks)).NewBlocks);
        await Store.FlushAsync();
    }

    [Fact]
    public async Task A_reference_moves_only_from_the_value_that_was_expected()
    {
        if (Store is not IRefStore refs)
            return;
        Assert.Null(await refs.ReadAsync("branch/main"));
        Assert.False(await refs.TryMoveAsync("branch/main", "something", "one", "no"));
        Assert.True(await refs.TryMoveAsync("branch/main", null, "one", "made"));
        Assert.False(await refs.TryMoveAsync("branch/main", null, "two", "no"));
        Assert.True(await refs.TryMoveAsync("branch/main", "one", "two with\ttab and % and ü", "moved\ton"));
        Assert.Equal("two with\ttab and % and ü", await refs.ReadAsync("branch/main"));
        Assert.True(await refs.TryMoveAsync("branch/main", "two with\ttab and % and ü", null, "ended"));
        Assert.Null(await refs.ReadAsync("branch/main"));
        Assert.True(await refs.TryMoveAsync("branch/main", null, "three", "again"));
        if (IsDurable)
        {
            await ReopenAsync();
            refs = (IRefStore)Store;
        }

        var log = await refs.ReadLogAsync("branch/main").ToArrayAsync();
        Assert.Equal(["one", "two with\ttab and % and ü", null, "three"], log.Select(movement => movement.Value));
        Assert.Equal(["made", "moved\ton", "ended", "again"], log.Select(movement => movement.Note));
        Assert.Equal(log.OrderBy(movement => movement.When), log);
    }

    [Fact]
    public async Task References_are_listed_in_order_by_prefix_while_they_have_values()
    {
        if (Store is not IRefStore refs)
            return;
        foreach (var name in (string[])["b", "a/x", "a", "a/y+z", "B", "a-b"])
            Assert.True(await refs.TryMoveAsync(name, null, "1", ""));
        await refs.TryMoveAsync("a/x", "1", null, "");
        Assert.Equal(["B", "a", "a-b", "a/y+z", "b"], await refs.ListAsync().ToArrayAsync());
        Assert.Equal(["a/y+z"], await refs.ListAsync("a/").ToArrayAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("a/./b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a%b")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        if (Store is not IRefStore refs)
            return;
        await Assert.ThrowsAsync<ArgumentException>(async () => await refs.ReadAsync(name));
        await Assert.ThrowsAsync<ArgumentException>(async () => await refs.TryMoveAsync(name, null, "1", ""));
        await Assert.ThrowsAsync<ArgumentException>(async () => await refs.TryMoveAsync("a", null, "1\n2", ""));
    }

    [Fact]
    public async Task Of_many_who_move_a_reference_at_once_one_succeeds()
    {
        if (Store is not IRefStore refs)
            return;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                string? value;
                do
                    value = await refs.ReadAsync("counter");
                while (!await refs.TryMoveAsync("counter", value, $"{int.Parse(value ?? "0") + 1}", "up"));
            }
        })));
        Assert.Equal("80", await refs.ReadAsync("counter"));
        Assert.Equal(80, await refs.ReadLogAsync("counter").CountAsync());
    }

    [Fact]
    public async Task The_capacity_counts_the_blocks()
    {
        if (Store is not IStoreCapacity capacity)
            return;
        await TestBlock.AddAsync(Store, TestBlock.Many(Store.Hasher, 10, 30));
        var now = capacity.GetCapacity()!.Value;
        Assert.Equal(30, now.Blocks);
        Assert.InRange(now.StoredBytes, 1, now.TotalBytes);
        Assert.InRange(now.AvailableBytes, 0, now.TotalBytes);
    }

    protected async Task<bool[]> ContainsAsync(IReadOnlyList<TestBlock> blocks)
    {
        var present = new bool[blocks.Count];
        await Store.ContainsManyAsync(blocks.Select(block => block.Hash).ToArray(), present);
        return present;
    }
}
