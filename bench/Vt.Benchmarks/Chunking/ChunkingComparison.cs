using System.Diagnostics;
using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Benchmarks.Chunking;

/// <summary>Speed, mean and duplicates found of our chunker and of FastCDC over files that are read as one content.</summary>
static class ChunkingComparison
{
    /// <summary>Runs over the named files.</summary>
    public static int Run(IReadOnlyList<string> files)
    {
        var contents = files.Select(File.ReadAllBytes).ToList();
        var parameters = ChunkingParameters.Default;
        var fast = new FastCdc(15);
        Report("fastcdc", contents, data => Cut(data, rest => fast.Cut(rest)));
        foreach (var width in new[] { 512, 256, 128, 0 })
        {
            if (width <= Chunker.MachineWidth)
            {
                var chunker = new Chunker(parameters, null, width);
                Report($"pgear-{width}", contents, data => Cut(data, rest => chunker.Cut(rest, final: true)));
            }
        }

        return 0;
    }

    delegate int Cutter(ReadOnlySpan<byte> data);

    static List<Chunk> Cut(byte[] data, Cutter cutter)
    {
        var chunks = new List<Chunk>();
        for (var at = 0; at < data.Length;)
        {
            var length = cutter(data.AsSpan(at));
            chunks.Add(new Chunk(at, length));
            at += length;
        }

        return chunks;
    }

    static void Report(string name, List<byte[]> contents, Func<byte[], List<Chunk>> cut)
    {
        var seen = new HashSet<BlockHash>();
        var hasher = new Blake3Hasher();
        long total = 0, unique = 0, count = 0;
        var best = double.MaxValue;
        foreach (var data in contents)
            cut(data);
        for (var round = 0; round < 3; round++)
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var data in contents)
                cut(data);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        foreach (var data in contents)
        {
            foreach (var chunk in cut(data))
            {
                count++;
                total += chunk.Length;
                if (seen.Add(hasher.Hash(data.AsSpan(chunk.Offset, chunk.Length))))
                    unique += chunk.Length;
            }
        }

        Console.WriteLine(
            $"{name,-10} {total / best / 1e9,6:F2} GB/s  mean {total / Math.Max(1, count),7}  ratio {total / (double)unique:F4}");
    }
}
