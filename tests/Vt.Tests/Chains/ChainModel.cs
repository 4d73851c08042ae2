using Vt.Blocks.Contracts;
using Vt.Stores.Faults;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>
/// Uses a store whose parts do wrong and compares what it says with what was done: a block that an add acknowledged is read back right or an error is given, never
/// absence and never other bytes; one that was never offered is absent or an error.
/// </summary>
static class ChainModel
{
    /// <summary>The faults that a store's answers can be told by: all but those that only an answer from elsewhere shows, or a cancelled call ends.</summary>
    public static FaultKind[] Kinds() => [.. Enum.GetValues<FaultKind>().Except([FaultKind.AbsentRead, FaultKind.Stuck])];

    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes random calls.</summary>
    /// <returns>The blocks that were acknowledged.</returns>
    public static async Task<TestBlock[]> RunAsync(IBlockStore store, int seed, int steps)
    {
        var random = new Random(seed);
        var blocks = TestBlock.Many(store.Hasher, seed, 24, 6_000);
        var added = new HashSet<TestBlock>();
        var offered = new HashSet<TestBlock>();
        for (var step = 0; step < steps; step++)
        {
            var some = Enumerable.Range(0, random.Next(1, 5)).Select(_ => blocks[random.Next(blocks.Length)]).Distinct().ToArray();
            switch (random.Next(8))
            {
                case 0 or 1:
                    offered.UnionWith(some);
                    if (await TryAsync(() => TestBlock.AddAsync(store, some), seed))
                        added.UnionWith(some);
                    break;
                case 2:
                    await TryAsync(async () => await store.FlushAsync(), seed);
                    break;
                case 3:
                    await ContainsAsync(store, some, added, offered, seed);
                    break;
                case 4 or 5:
                    await GetManyAsync(store, some, added, offered, seed);
                    break;
                default:
                    await GetAsync(store, some[0], added, offered, seed);
                    break;
            }
        }

        return [.. added];
    }

    static async Task ContainsAsync(IBlockStore store, TestBlock[] some, HashSet<TestBlock> added, HashSet<TestBlock> offered, int seed)
    {
        var present = new bool[some.Length];
        if (!await TryAsync(async () => await store.ContainsManyAsync(some.Select(block => block.Hash).ToArray(), present), seed))
            return;
        for (var i = 0; i < some.Length; i++)
            Check(some[i], present[i], added, offered, seed);
    }

    static async Task GetManyAsync(IBlockStore store, TestBlock[] some, HashSet<TestBlock> added, HashSet<TestBlock> offered, int seed)
    {
        var leases = new BlockLease[some.Length];
        if (!await TryAsync(async () => await store.GetManyAsync(some.Select(block => block.Hash).ToArray(), leases), seed))
        {
            Assert.All(leases, lease => Assert.False(lease.IsPresent, $"seed {seed}: a lease came with an exception"));
            return;
        }

        for (var i = 0; i < some.Length; i++)
        {
            Check(some[i], leases[i].IsPresent, added, offered, seed);
            Assert.True(!leases[i].IsPresent || leases[i].Span.SequenceEqual(some[i].Bytes), $"seed {seed}: {some[i].Hash} has other bytes");
            leases[i].Dispose();
        }
    }

    static async Task GetAsync(IBlockStore store, TestBlock block, HashSet<TestBlock> added, HashSet<TestBlock> offered, int seed)
    {
        var isPresent = false;
        if (await TryAsync(async () => isPresent = await TestBlock.IsInAsync(store, block), seed))
            Check(block, isPresent, added, offered, seed);
    }

    static void Check(TestBlock block, bool isPresent, HashSet<TestBlock> added, HashSet<TestBlock> offered, int seed)
    {
        Assert.True(isPresent || !added.Contains(block), $"seed {seed}: {block.Hash} was acknowledged and is said to be absent");
        Assert.True(!isPresent || offered.Contains(block), $"seed {seed}: {block.Hash} was never offered and is said to be there");
    }

    static async Task<bool> TryAsync(Func<Task> call, int seed)
    {
        try
        {
            await call().WaitAsync(_patience);
            return true;
        }
        catch (Exception fault) when (fault is StoreUnavailableException or StoreFullException or BlockCorruptException)
        {
            return false;
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"seed {seed}: a call is stuck");
        }
    }
}
