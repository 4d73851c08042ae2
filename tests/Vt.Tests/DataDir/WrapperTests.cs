using Vt.Blocks.Contracts;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Progress;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

public sealed class ProgressStoreTests : StoreContract
{
    protected override ValueTask<IBlockStore> OpenAsync() => new(new ProgressStore(new MemoryStore()));

    [Fact]
    public async Task Calls_are_counted_when_they_end()
    {
        var store = (ProgressStore)Store;
        var blocks = TestBlock.Many(Store.Hasher, 1, 10);
        await TestBlock.AddAsync(Store, blocks);
        await TestBlock.AddAsync(Store, blocks[..4]);
        await TestBlock.IsInAsync(Store, blocks[0]);
        await TestBlock.IsInAsync(Store, TestBlock.Of(Store.Hasher, [1]));
        await Store.FlushAsync();
        var progress = store.Progress;
        Assert.Equal((10, 4), (progress.Added.NewBlocks, progress.Added.KnownBlocks));
        Assert.Equal((1, blocks[0].Bytes.Length, 1), (progress.Gets, progress.GetBytes, progress.Absent));
        Assert.Equal((1, 0, 0), (progress.Flushes, progress.Outstanding, progress.Failures));
    }
}

public sealed class CountingStoreTests : StoreContract
{
    protected override ValueTask<IBlockStore> OpenAsync() => new(new CountingStore(new MemoryStore()));
}

public sealed class FaultyStoreTests : StoreContract
{
    protected override ValueTask<IBlockStore> OpenAsync() =>
        new(new FaultyStore(new MemoryStore(), [new FaultRule(FaultKind.Delay, Every: 50) { Delay = TimeSpan.FromMilliseconds(1) }]));

    [Fact]
    public async Task Faults_strike_by_plan()
    {
        await using var store = new FaultyStore(new MemoryStore(), [
            new FaultRule(FaultKind.BitFlip, 0, 1),
            new FaultRule(FaultKind.TruncatedRead, 0, 1),
            new FaultRule(FaultKind.DiskFull, 1, 1),
            new FaultRule(FaultKind.FlushFailure, 0, 1),
            new FaultRule(FaultKind.StaleList, 0, 1),
            new FaultRule(FaultKind.Error, 8, 1),
        ]);
        var blocks = TestBlock.Many(store.Hasher, 2, 2);
        await TestBlock.AddAsync(store, blocks[0]);
        await Assert.ThrowsAsync<StoreFullException>(() => TestBlock.AddAsync(store, blocks[1]));
        using (var cut = await store.GetAsync(blocks[0].Hash))
            Assert.Equal(blocks[0].Bytes.Length / 2, cut.Memory.Length);
        using (var flipped = await store.GetAsync(blocks[0].Hash))
            Assert.False(flipped.Span.SequenceEqual(blocks[0].Bytes));
        Assert.True(await TestBlock.IsInAsync(store, blocks[0]));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        await store.FlushAsync();
        Assert.Empty(await store.EnumerateAsync().ToArrayAsync());
        Assert.Single(await store.EnumerateAsync().ToArrayAsync());
        await store.FlushAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetAsync(blocks[0].Hash));
    }
}
