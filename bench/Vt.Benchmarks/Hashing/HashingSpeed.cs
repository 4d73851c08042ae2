using System.Diagnostics;
using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Benchmarks.Hashing;

/// <summary>The speed of every hash and width, one block at a time and 32 at once, on one core in cache.</summary>
static class HashingSpeed
{
    const int Alone = 64 << 10;

    static readonly int[] Lengths = [1024, 4096, 16_384, 20_000, 32_900, Alone, 1 << 20];

    /// <summary>Runs all.</summary>
    public static void Run(Report report)
    {
        Console.WriteLine($"{"GB/s",-16} {string.Join(' ', Lengths.Select(length => $"{length,8}"))}");
        foreach (var width in new[] { 16, 8, 4, 1 })
        {
            if (width > Blake3Mode.MachineWidth)
                continue;
            var hasher = new Blake3Hasher(Blake3Mode.Plain(width));
            var alone = Print($"blake3 x{width}", hasher, 1);
            var batched = Print($"blake3 x{width} batch", hasher, 32);
            if (width == Blake3Mode.MachineWidth)
                Judge(report, width, alone, batched);
        }

        Print("sha256", new Sha256Hasher(), 1);
        Print("sha3-256", new Sha3Hasher(), 1);
    }

    /// <summary>The rows with budgets. Those of the batch were set for AVX-512; the row says how many lanes there are.</summary>
    static void Judge(Report report, int width, double[] alone, double[] batched)
    {
        report.RatioAtLeast(
            "BLAKE3 of 64 KiB, one thread", alone[Array.IndexOf(Lengths, Alone)], Rate(new Sha256Hasher(), Alone, 1), "GB/s", 3, "SHA-256");
        var slowest = Enumerable.Range(0, Lengths.Length).Where(i => Lengths[i] >= 4096).MinBy(i => batched[i]);
        report.AtLeast(
            "BLAKE3 of many blocks from 4 KiB up, the slowest size", batched[slowest], "GB/s", 4.5,
            $"{width} lanes, {Lengths[slowest]} bytes");
    }

    static double[] Print(string name, BlockHasher hasher, int batch)
    {
        var rates = Lengths.Select(length => Rate(hasher, length, length > 100_000 ? 1 : batch)).ToArray();
        Console.WriteLine($"{name,-16} {string.Join(' ', rates.Select(rate => $"{rate,8:F2}"))}");
        return rates;
    }

    /// <summary>The best of many short trials: what the core does when nobody else has it.</summary>
    static double Rate(BlockHasher hasher, int length, int batch)
    {
        var buffer = new byte[length * batch];
        new Random(1).NextBytes(buffer);
        var chunks = Enumerable.Range(0, batch).Select(i => new Chunk(i * length, length)).ToArray();
        var hashes = new BlockHash[batch];
        var rounds = Math.Max(1, 1_500_000 / buffer.Length);
        var best = 0.0;
        for (var trial = 0; trial < 150; trial++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < rounds; i++)
                hasher.HashMany(buffer, chunks, hashes);
            best = Math.Max(best, (double)rounds * buffer.Length / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }

        return best;
    }
}
