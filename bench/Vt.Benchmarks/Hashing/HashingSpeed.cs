using System.Diagnostics;
using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Benchmarks.Hashing;

/// <summary>The speed of every hash and width, one block at a time and 32 at once, on one core in cache.</summary>
static class HashingSpeed
{
    static readonly int[] Lengths = [1024, 4096, 16_384, 32_900, 1 << 20];

    /// <summary>Runs all.</summary>
    public static int Run()
    {
        Console.WriteLine($"{"GB/s",-16} {string.Join(' ', Lengths.Select(length => $"{length,8}"))}");
        foreach (var width in new[] { 16, 8, 4, 1 })
        {
            if (width > Blake3Mode.MachineWidth)
                continue;
            var hasher = new Blake3Hasher(Blake3Mode.Plain(width));
            Report($"blake3 x{width}", hasher, 1);
            Report($"blake3 x{width} batch", hasher, 32);
        }

        Report("sha256", new Sha256Hasher(), 1);
        Report("sha3-256", new Sha3Hasher(), 1);
        return 0;
    }

    static void Report(string name, BlockHasher hasher, int batch)
    {
        var rates = Lengths.Select(length => $"{Rate(hasher, length, length > 100_000 ? 1 : batch),8:F2}");
        Console.WriteLine($"{name,-16} {string.Join(' ', rates)}");
    }

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
