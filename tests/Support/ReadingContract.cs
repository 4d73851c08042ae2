using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Memory;

namespace Vt.Tests.Support;

/// <summary>What every store does for who reads it: the part of <see cref="StoreContract"/> that a store has that can't be written. A derived class makes one of what it is given.</summary>
public abstract class ReadingContract : IAsyncLifetime
{
    IBlockStore? _store;

    /// <summary>The blocks that are in it: of all lengths up to the longest, and the empty one.</summary>
    public static IReadOnlyList<TestBlock> Blocks { get; } = MakeBlocks();

    /// <summary>The references that are in it, and their values.</summary>
    public static IReadOnlyDictionary<string, string> References { get; } = new Dictionary<string, string>
    {
        ["B"] = "1",
        ["a"] = "two with % and ü",
        ["a-b"] = "1",
        ["a/y+z"] = "a longer value, with more than one word",
        ["b"] = "1",
    };

    /// <summary>The store under test.</summary>
    protected IBlockStore Store => _store!;

    /// <summary>Whether it can list its blocks.</summary>
    protected virtual bool CanList => Store is IBlockEnumeration;

    /// <summary>Makes the store.</summary>
    /// <param name="filled">Has the blocks and the references.</param>
    protected abstract ValueTask<IBlockStore> OpenAsync(MemoryStore filled);

    public async Task InitializeAsync()
    {
        var filled = new MemoryStore();
        await TestBlock.AddAsync(filled, [.. Blocks]);
        foreach (var (name, value) in References)
            Assert.True(await filled.TryMoveAsync(name, null, value, "made"));
        _store = await OpenAsync(filled);
    }

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task Every_block_is_contained_and_read_as_it_was()
    {
        Assert.All(await ContainsAsync(Blocks.Select(static block => block.Hash)), Assert.True);
        foreach (var block in Blocks)
            Assert.True(await TestBlock.IsInAsync(Store, block));
    }

    [Fact]
    public async Task An_absent_block_is_an_answer()
    {
        var block = TestBlock.Of(Store.Hasher, [9, 9, 9]);
        Assert.False((await ContainsAsync([block.Hash]))[0]);
        Assert.False(await TestBlock.IsInAsync(Store, block));
        var leases = new BlockLease[2];
        await Store.GetManyAsync(new[] { block.Hash, block.Hash }, leases);
        Assert.All(leases, static lease => Assert.False(lease.IsPresent));
    }

    [Fact]
    public async Task A_block_of_another_algorithm_is_absent_and_refused()
    {
        var block = TestBlock.Of(HashAlgorithms.GetHasher(HashAlgorithmId.Sha256), Blocks[3].Bytes);
        Assert.False((await ContainsAsync([block.Hash]))[0]);
        Assert.False(await TestBlock.IsInAsync(Store, block));
        await Assert.ThrowsAsync<ArgumentException>(() => TestBlock.AddAsync(Store, block));
    }

    [Fact]
    public async Task Present_and_absent_blocks_are_told_apart_in_one_question()
    {
        var absent = TestBlock.Many(Store.Hasher, 99, 40, 500);
        var asked = Blocks.Take(40).Zip(absent, static (one, other) => new[] { one.Hash, other.Hash }).SelectMany(static pair => pair).ToArray();
        var present = await ContainsAsync(asked);
        for (var i = 0; i < asked.Length; i++)
            Assert.Equal(i % 2 == 0, present[i]);
    }

    [Fact]
    public async Task Many_blocks_are_read_at_once_in_the_order_asked()
    {
        var asked = Blocks.Concat(Blocks.Take(40)).ToArray();
        new Random(5).Shuffle(asked);
        var absent = TestBlock.Of(Store.Hasher, "absent"u8.ToArray());
        BlockHash[] hashes = [absent.Hash, .. asked.Select(static block => block.Hash)];
        var leases = new BlockLease[hashes.Length];
        await Store.GetManyAsync(hashes, leases);
        Assert.False(leases[0].IsPresent);
        for (var i = 0; i < asked.Length; i++)
            Assert.True(leases[i + 1].Span.SequenceEqual(asked[i].Bytes));
        foreach (var lease in leases)
            lease.Dispose();
    }

    [Fact]
    public async Task Readers_do_not_disturb_each_other() =>
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            var random = new Random(thread);
            for (var i = 0; i < 60; i++)
                Assert.True(await TestBlock.IsInAsync(Store, Blocks[random.Next(Blocks.Count)]));
        })));

    [Fact]
    public async Task A_lease_stays_as_it_is_whatever_is_read_meanwhile()
    {
        using var lease = await Store.GetAsync(Blocks[7].Hash);
        foreach (var block in Blocks)
            Assert.True(await TestBlock.IsInAsync(Store, block));
        Assert.True(lease.Span.SequenceEqual(Blocks[7].Bytes));
    }

    [Fact]
    public async Task Blocks_are_listed_in_order_each_once_and_from_anywhere()
    {
        if (!CanList)
            return;
        var listing = (IBlockEnumeration)Store;
        var listed = await listing.EnumerateAsync().ToArrayAsync();
        Assert.Equal(listed.Distinct().Order(), listed);
        Assert.Subset(listed.ToHashSet(), Blocks.Select(static block => block.Hash).ToHashSet());
        Assert.Equal(listed[201..], await listing.EnumerateAsync(listed[200]).ToArrayAsync());
        Assert.Empty(await listing.EnumerateAsync(listed[^1]).ToArrayAsync());
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing_and_the_store_goes_on()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.GetAsync(Blocks[0].Hash, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ContainsManyAsync(new[] { Blocks[0].Hash }, new bool[1], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.FlushAsync(cancelled));
        Assert.True(await TestBlock.IsInAsync(Store, Blocks[0]));
        await Store.FlushAsync();
    }

    [Fact]
    public async Task What_is_to_be_written_is_refused_with_the_reason()
    {
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(Store, TestBlock.Of(Store.Hasher, [1, 2, 3])));
        Assert.False(fault.IsTransient);
        var tooLong = new byte[ChunkingParameters.LargestBlock + 1];
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.AddManyAsync(tooLong, new[] { new BlockSlot(Store.Hasher.Hash(tooLong), 0, tooLong.Length) }));
        if (Store is IRefStore refs)
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await refs.TryMoveAsync("b", "1", "2", "no"));
        Assert.All(await ContainsAsync([Blocks[0].Hash]), Assert.True);
    }

    [Fact]
    public async Task References_are_read_and_listed_in_order_by_prefix()
    {
        var refs = Assert.IsType<IRefStore>(Store, exactMatch: false);
        foreach (var (name, value) in References)
            Assert.Equal(value, await refs.ReadAsync(name));
        Assert.Null(await refs.ReadAsync("c"));
        Assert.Equal(["B", "a", "a-b", "a/y+z", "b"], await refs.ListAsync().ToArrayAsync());
        Assert.Equal(["a/y+z"], await refs.ListAsync("a/").ToArrayAsync());
        Assert.Equal("1", (await refs.ReadLogAsync("a-b").ToArrayAsync())[^1].Value);
        Assert.Empty(await refs.ReadLogAsync("c").ToArrayAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("a%b")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        var refs = Assert.IsType<IRefStore>(Store, exactMatch: false);
        await Assert.ThrowsAsync<ArgumentException>(async () => await refs.ReadAsync(name));
        await Assert.ThrowsAsync<ArgumentException>(async () => await refs.TryMoveAsync(name, null, "1", ""));
    }

    static TestBlock[] MakeBlocks()
    {
        var hasher = HashAlgorithms.GetHasher(HashAlgorithmId.Blake3);
        var largest = new byte[ChunkingParameters.LargestBlock];
        new Random(2).NextBytes(largest);
        return [.. TestBlock.Many(hasher, 1, 240, 12_000), TestBlock.Of(hasher, []), TestBlock.Of(hasher, largest), TestBlock.Of(hasher, new byte[largest.Length])];
    }

    async Task<bool[]> ContainsAsync(IEnumerable<BlockHash> hashes)
    {
        var asked = hashes.ToArray();
        var present = new bool[asked.Length];
        await Store.ContainsManyAsync(asked, present);
        return present;
    }
}
