using System.Runtime.InteropServices;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Index;

/// <summary>Writes one run from several, without the packs that are gone.</summary>
static class RunCombiner
{
    /// <summary>Entries between two looks at the cancellation.</summary>
    const int Stride = 1 << 16;

    /// <summary>Writes the run.</summary>
    /// <param name="inputs">The runs that <paramref name="merge"/> goes through.</param>
    /// <param name="merge">Not started yet.</param>
    /// <param name="packs">The packs that are there.</param>
    /// <param name="output">Where the run goes.</param>
    /// <param name="algorithm">The algorithm of the digests.</param>
    /// <param name="cancellationToken">Stops the merge.</param>
    /// <returns>The run's length in bytes.</returns>
    /// <exception cref="Blocks.Contracts.FormatInvalidException">The input that the merge was reading is damaged.</exception>
    public static long Write(
        List<Run> inputs,
        RunMerge merge,
        IReadOnlySet<PackId> packs,
        RunOutput output,
        HashAlgorithmId algorithm,
        CancellationToken cancellationToken)
    {
        var table = new List<RunPack>();
        var rows = RowsOf(inputs, packs, table, out var capacity);
        var writer = new RunWriter(output, algorithm, CollectionsMarshal.AsSpan(table), capacity);
        var stride = Stride;
        while (merge.MoveNext())
        {
            var entry = merge.Entry;
            inputs[merge.Source].PackOf(entry);
            var row = rows[merge.Source][entry.Location.Pack];
            if (row >= 0)
                writer.Add(entry.Key, entry.Location with { Pack = (uint)row });
            if (--stride == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                stride = Stride;
            }
        }

        return writer.Finish();
    }

    /// <summary>Makes the pack table, and for each input says which row its rows become; -1 for those of packs that are gone.</summary>
    static int[][] RowsOf(List<Run> inputs, IReadOnlySet<PackId> packs, List<RunPack> table, out long capacity)
    {
        var known = new Dictionary<PackId, int>();
        var rows = new int[inputs.Count][];
        capacity = 0;
        for (var i = 0; i < inputs.Count; i++)
        {
            rows[i] = new int[inputs[i].Packs.Length];
            var live = 0UL;
            for (var row = 0; row < rows[i].Length; row++)
            {
                var pack = inputs[i].Packs[row];
                if (!packs.Contains(pack.Id))
                {
                    rows[i][row] = -1;
                    continue;
                }

                live += Math.Min(pack.Count, (ulong)inputs[i].Count);
                if (!known.TryGetValue(pack.Id, out rows[i][row]))
                {
                    rows[i][row] = table.Count;
                    known.Add(pack.Id, table.Count);
                    table.Add(pack);
                }
            }

            capacity += (long)Math.Min(live, (ulong)inputs[i].Count);
        }

        return rows;
    }
}
