using System.Diagnostics;
using System.Numerics;
using Vt.Fuse.Protocol;

namespace Vt.Fuse.Session;

/// <summary>
/// How many requests of each kind were answered, and how long that took from reading the request to writing the reply. Counting costs some
/// nanoseconds and no memory beyond its tables. Safe from any thread.
/// </summary>
public sealed class FuseStatistics
{
    const int Opcodes = 64;

    // Durations fall into classes of which four make a doubling: a percentile is right to a fifth.
    const int ClassesPerDoubling = 4;
    const int Classes = 40 * ClassesPerDoubling;

    readonly long[] _counts = new long[Opcodes * Classes];
    readonly long[] _nanoseconds = new long[Opcodes];

    /// <summary>The figures of every kind of request that has been seen, the most frequent first.</summary>
    public IReadOnlyList<FuseOperationFigures> Read()
    {
        var figures = new List<FuseOperationFigures>();
        for (var opcode = 0; opcode < Opcodes; opcode++)
        {
            var counts = _counts.AsSpan(opcode * Classes, Classes);
            long count = 0;
            foreach (var one in counts)
                count += one;
            if (count == 0)
                continue;
            figures.Add(new FuseOperationFigures(
                (FuseOpcode)opcode, count, _nanoseconds[opcode] / 1000.0 / count, Percentile(counts, count, 0.5), Percentile(counts, count, 0.99), Percentile(counts, count, 1)));
        }

        figures.Sort(static (a, b) => b.Count.CompareTo(a.Count));
        return figures;
    }

    internal void Note(FuseOpcode opcode, long started)
    {
        if ((uint)opcode >= Opcodes)
            return;
        var nanoseconds = Math.Max(1, (long)Stopwatch.GetElapsedTime(started).TotalNanoseconds);
        Interlocked.Increment(ref _counts[((int)opcode * Classes) + ClassOf(nanoseconds)]);
        Interlocked.Add(ref _nanoseconds[(int)opcode], nanoseconds);
    }

    static int ClassOf(long nanoseconds)
    {
        var doubling = BitOperations.Log2((ulong)nanoseconds);
        var part = doubling < 2 ? 0 : (int)(nanoseconds >> (doubling - 2)) & (ClassesPerDoubling - 1);
        return Math.Min((doubling * ClassesPerDoubling) + part, Classes - 1);
    }

    // The upper end of the class that the percentile falls into, in microseconds.
    static double Percentile(ReadOnlySpan<long> counts, long total, double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(total * share));
        for (var index = 0; index < counts.Length; index++)
        {
            wanted -= counts[index];
            if (wanted <= 0)
                return Math.Pow(2, index / ClassesPerDoubling) * (1 + ((index % ClassesPerDoubling) + 1) / (double)ClassesPerDoubling) / 1000;
        }

        return 0;
    }
}
