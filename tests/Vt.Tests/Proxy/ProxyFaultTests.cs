using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.Contracts;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;
using Vt.Tests.Chains;

namespace Vt.Tests.Proxy;

/// <summary>Stores that do wrong in every role: right data or an error, whatever happens.</summary>
public sealed class ProxyFaultTests
{
    static readonly string[] _roles = ["save", "save2", "read", "read2", "copy2"];

    public static TheoryData<FaultKind, string> EveryFaultInEveryRole()
    {
        var data = new TheoryData<FaultKind, string>();
        foreach (var kind in ChainModel.Kinds())
        {
            foreach (var role in _roles)
                data.Add(kind, role);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryFaultInEveryRole))]
    public async Task A_fault_in_a_role_gives_right_data_or_an_error(FaultKind kind, string role)
    {
        foreach (var rule in (FaultRule[])[Rule(kind, 0, long.MaxValue, 1), Rule(kind, 2, long.MaxValue, 3), Rule(kind, 1, 4, 1)])
        {
            await using var proxy = Build(new Dictionary<string, FaultRule[]> { [role] = [rule] });
            await ChainModel.RunAsync(proxy, seed: (int)kind, steps: 60);
        }
    }

    [Fact]
    public void Random_faults_in_random_roles_give_right_data_or_an_error()
    {
        var rules =
            from kind in Gen.Elements(ChainModel.Kinds())
            from first in Gen.Choose(0, 12)
            from count in Gen.Choose(1, 40)
            from every in Gen.Choose(1, 4)
            select Rule(kind, first, count, every);
        var plan =
            from role in Gen.Elements(_roles)
            from rule in rules
            select (Role: role, Rule: rule);
        var plans =
            from list in plan.ListOf(4)
            from seed in Gen.Choose(0, int.MaxValue)
            select (List: list, Seed: seed);
        Prop.ForAll(plans.ToArbitrary(), sample =>
        {
            var (list, seed) = sample;
            RunAsync(list.GroupBy(static one => one.Role).ToDictionary(static group => group.Key, static group => group.Select(static one => one.Rule).ToArray()), seed)
                .GetAwaiter().GetResult();
        }).QuickCheckThrowOnFailure();
    }

    static async Task RunAsync(Dictionary<string, FaultRule[]> plan, int seed)
    {
        await using var proxy = Build(plan);
        await ChainModel.RunAsync(proxy, seed, steps: 40);
    }

    static FaultRule Rule(FaultKind kind, long first, long count, long every) => new(kind, first, count, every) { Delay = TimeSpan.FromMilliseconds(1) };

    static ProxyStore Build(Dictionary<string, FaultRule[]> plan)
    {
        IBlockStore With(string role) => plan.TryGetValue(role, out var rules) ? new FaultyStore(new MemoryStore(), rules) : new MemoryStore();
        var (save, saveElse, read, readElse, copy) = (With("save"), With("save2"), With("read"), With("read2"), With("copy2"));
        return new ProxyStore(
            new ProxyRoles { Save = [save], SaveElse = [saveElse], Read = [read, save, copy], ReadElse = [readElse, saveElse], Copy = [copy] },
            new ProxyOptions { FirstPause = TimeSpan.FromMilliseconds(2), LongestPause = TimeSpan.FromMilliseconds(5), HedgeDelay = TimeSpan.FromMilliseconds(5) });
    }
}
