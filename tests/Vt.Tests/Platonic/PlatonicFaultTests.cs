using Vt.Blocks.Contracts;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Tests.Chains;

namespace Vt.Tests.Platonic;

/// <summary>Meta stores that do wrong: right data or an error, and files are read all the same.</summary>
public sealed class PlatonicFaultTests
{
    [Theory]
    [MemberData(nameof(EveryFault))]
    public async Task A_fault_of_the_meta_store_gives_right_data_or_an_error(FaultKind kind)
    {
        foreach (var rule in (FaultRule[])[Rule(kind, 0, long.MaxValue, 1), Rule(kind, 2, long.MaxValue, 3), Rule(kind, 1, 4, 1)])
        {
            using var bed = new PlatonicBed(inMemory: true);
            bed.Write("file", PlatonicBed.Random(1, 20_000));
            await using var store = await bed.OpenAsync(new FaultyStore(new MemoryStore(isComplete: false), [rule]));
            await ChainModel.RunAsync(store, seed: (int)kind, steps: 60);
        }
    }

    [Theory]
    [MemberData(nameof(EveryFault))]
    public async Task A_scan_over_a_faulty_meta_store_fails_or_gives_a_tree_that_is_whole(FaultKind kind)
    {
        foreach (var rule in (FaultRule[])[Rule(kind, 0, long.MaxValue, 1), Rule(kind, 3, 2, 1), Rule(kind, 1, 6, 2)])
        {
            using var bed = new PlatonicBed(inMemory: true);
            for (var i = 0; i < 40; i++)
                bed.Write($"{i % 5}/file {i}", PlatonicBed.Random(i, 3_000 * i));
            var far = new MemoryStore(isComplete: false);
            var hasFailed = false;
            {
                await using var store = await bed.OpenAsync(new FaultyStore(new Kept(far), [rule]));
                try
                {
                    await bed.ScanAsync(store);
                }
                catch (Exception fault) when (fault is StoreUnavailableException or StoreFullException or BlockCorruptException or BlockMissingException or FormatInvalidException)
                {
                    hasFailed = true;
                }
            }

            await using var sound = await bed.OpenAsync(new Kept(far));
            if (hasFailed)
                await bed.ScanAsync(sound);
            for (var i = 0; i < 40; i++)
                Assert.Equal(PlatonicBed.Random(i, 3_000 * i), await bed.ReadAsync(sound, $"{i % 5}/file {i}"));
        }
    }

    public static TheoryData<FaultKind> EveryFault() => [.. ChainModel.Kinds()];

    static FaultRule Rule(FaultKind kind, long first, long count, long every) => new(kind, first, count, every) { Delay = TimeSpan.FromMilliseconds(1) };

    /// <summary>Stays open when the store over it is disposed.</summary>
    sealed class Kept(MemoryStore inner) : DelegatingStore(inner), IRefStore
    {
        public ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default) => inner.ReadAsync(name, cancellationToken);

        public IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default) => inner.ListAsync(prefix, cancellationToken);

        public ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default) =>
            inner.TryMoveAsync(name, expected, value, note, cancellationToken);

        public IAsyncEnumerable<RefMovement> ReadLogAsync(string name, CancellationToken cancellationToken = default) => inner.ReadLogAsync(name, cancellationToken);
    }
}
