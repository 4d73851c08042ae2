using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;

namespace Vt.Tests.Chains;

/// <summary>Random chains under random sequences of calls, faults and kills; with VT_TEST_LONG set thousands of them. A failure says its seed, which goes into the list of seeds here.</summary>
public sealed class ChainSequenceTests
{
    const int Few = 24;
    const int Many = 3_000;
    const int AtOnce = 8;
    const int MostShown = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(614390982)]
    public async Task What_a_flush_covered_is_there_when_all_is_well_again(int seed)
    {
        await ChainSequence.RunAsync(seed);
    }

    [Fact]
    public void Whatever_happens_what_a_flush_covered_is_there_when_all_is_well_again() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), static seed => ChainSequence.RunAsync(seed).GetAwaiter().GetResult().Covered >= 0)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Few));

    [Fact]
    public async Task However_long_it_goes_on_what_a_flush_covered_is_there_when_all_is_well_again()
    {
        var isLong = Environment.GetEnvironmentVariable("VT_TEST_LONG") is { Length: > 0 };
        var first = isLong ? Random.Shared.Next() : 1000;
        var (covered, moves) = (0, 0);
        var faults = new ConcurrentQueue<Exception>();
        await Parallel.ForEachAsync(
            Enumerable.Range(first, isLong ? Many : Few), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (seed, _) =>
            {
                try
                {
                    var run = await ChainSequence.RunAsync(seed);
                    Interlocked.Add(ref covered, run.Covered);
                    Interlocked.Add(ref moves, run.Moves);
                }
                catch (InvalidOperationException fault)
                {
                    faults.Enqueue(fault);
                }
            });
        Assert.True(faults.IsEmpty, $"{faults.Count} sequences of {(isLong ? Many : Few)} failed:\n{string.Join("\n\n", faults.Take(MostShown).Select(static fault => fault.Message))}");

        // Not so much goes wrong that nothing would be shown.
        Assert.True(covered > (isLong ? Many : Few), $"only {covered} blocks were covered by flushes, from seed {first} on");
        Assert.True(moves > (isLong ? Many : Few) / 2, $"only {moves} times a reference was moved, from seed {first} on");
    }
}
