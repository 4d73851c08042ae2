using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.Contracts;
using Vt.Stores.Cache;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;
using Vt.Tests.Chains;
using Vt.Tests.Support;

namespace Vt.Tests.Cache;

/// <summary>Chains three deep with stores that do wrong at every layer: right data or an error, and once the fault is over everything arrives.</summary>
public sealed class CacheFaultTests : IDisposable
{
    static readonly string[] _layers = ["behind the queue", "behind the cache", "far"];
    readonly TempFolder _folder = new(inMemory: true);

    public static TheoryData<FaultKind, string, bool> EveryFaultAtEveryLayer()
    {
        var data = new TheoryData<FaultKind, string, bool>();
        foreach (var kind in ChainModel.Kinds())
        {
            foreach (var layer in _layers)
            {
                data.Add(kind, layer, true);
                data.Add(kind, layer, false);
            }
        }

        return data;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(EveryFaultAtEveryLayer))]
    public async Task A_fault_at_a_layer_gives_right_data_or_an_error(FaultKind kind, string layer, bool isWriteback)
    {
        FaultRule[] rules = [Rule(kind, 0, long.MaxValue, 1), Rule(kind, 2, long.MaxValue, 3), Rule(kind, 1, 4, 1)];
        for (var i = 0; i < rules.Length; i++)
            await RunAsync($"{i}", new Dictionary<string, FaultRule[]> { [layer] = [rules[i]] }, (int)kind + i, isWriteback);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_movement_whose_answer_was_lost_was_made(bool isFirst)
    {
        var far = new MemoryStore();
        if (!isFirst)
            await far.TryMoveAsync("a", null, "0", "");
        await using (var cache = new CacheStore(_folder["lost"], new FaultyStore(far, [new FaultRule(FaultKind.LostMove, 0, 1)]), new CacheOptions { IsWriteback = true }))
        {
            Assert.True(await cache.TryMoveAsync("a", isFirst ? null : "0", "1", "moved"));
            Assert.Equal("1", await cache.ReadAsync("a"));
            Assert.False(await cache.TryMoveAsync("a", "0", "2", "too late"));
        }

        Assert.Equal("1", await far.ReadAsync("a"));
        Assert.Equal(["a"], await far.ListAsync().ToArrayAsync());
    }

    [Fact]
    public void Random_faults_at_random_layers_give_right_data_or_an_error()
    {
        var plan =
            from layer in Gen.Elements(_layers)
            from kind in Gen.Elements(ChainModel.Kinds())
            from first in Gen.Choose(0, 12)
            from count in Gen.Choose(1, 40)
            from every in Gen.Choose(1, 4)
            select (Layer: layer, Rule: Rule(kind, first, count, every));
        var plans =
            from list in plan.ListOf(4)
            from seed in Gen.Choose(0, int.MaxValue)
            select (List: list, Seed: seed);
        var run = 0;
        Prop.ForAll(plans.ToArbitrary(), sample => RunAsync(
            $"random{run++}",
            sample.List.GroupBy(static one => one.Layer).ToDictionary(static group => group.Key, static group => group.Select(static one => one.Rule).ToArray()),
            sample.Seed,
            sample.Seed % 2 == 0).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    static FaultRule Rule(FaultKind kind, long first, long count, long every) => new(kind, first, count, every) { Delay = TimeSpan.FromMilliseconds(1) };

    async Task RunAsync(string name, Dictionary<string, FaultRule[]> plan, int seed, bool isWriteback)
    {
        var far = new MemoryStore();
        TestBlock[] acknowledged;
        var options = new CacheOptions
        {
            MostBytes = CacheOptions.SmallestSize,
            FirstPause = TimeSpan.FromMilliseconds(2),
            LongestPause = TimeSpan.FromMilliseconds(5),
            SendDelay = TimeSpan.FromMilliseconds(3),
            Linger = TimeSpan.FromMilliseconds(50),
        };
        IBlockStore With(string layer, IBlockStore store) => plan.TryGetValue(layer, out var rules) ? new FaultyStore(store, rules) : store;
        var isFlushed = false;
        {
            var behind = With("far", far);
            var proxy = new ProxyStore(
                new ProxyRoles { Save = [behind], Read = [behind] },
                new ProxyOptions { FirstPause = TimeSpan.FromMilliseconds(2), LongestPause = TimeSpan.FromMilliseconds(5) });
            var cache = new CacheStore(_folder[$"{name}-cache"], With("behind the cache", proxy), options);
            await using var queue = new CacheStore(_folder[$"{name}-queue"], With("behind the queue", cache), options with { IsWriteback = isWriteback });
            acknowledged = await ChainModel.RunAsync(queue, seed, steps: 40);
            if (isWriteback)
            {
                await queue.FlushAsync();
                isFlushed = true;
            }
        }

        // The faults are over: what a flush of the queue has confirmed gets there.
        await using var last = new CacheStore(_folder[$"{name}-queue"], far, options with { IsWriteback = isWriteback });
        if (!isFlushed)
            return;
        await last.CatchUpAsync();
        Assert.True(last.GetLag() is { IsNone: true });
        foreach (var block in acknowledged)
            Assert.True(await TestBlock.IsInAsync(far, block), $"seed {seed}: {block.Hash} never arrived");
    }
}
