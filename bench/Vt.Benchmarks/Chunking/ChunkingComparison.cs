using System.Diagnostics;
using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Benchmarks.Chunking;

/// <summary>Speed, mean and duplicates found of our chunker and of FastCDC over files that are read as one content.</summary>
static class ChunkingComparison
{
    const int Rounds = 3;
    const int Trials = 12;
    const int Piece = 2 << 20;
    const int Timed = 64 << 20;

    delegate int Cutter(ReadOnlySpan<byte> data);

    readonly record struct Outcome(double Speed, double Mean, double Ratio);

    /// <summary>Runs over the same folders of two versions of a kernel, each as a tar.</summary>
    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("chunking");
        var files = new List<string>();
        foreach (var version in new[] { "v1", "v2" })
        {
            files.Add($"{folder}/{version}.tar");
            Command.Run($"tar --sort=name -cf '{files[^1]}' -C '{bench.Corpus}/{version}/linux-source-6.1' drivers/net fs kernel net");
        }

        Run(files, bench.Report);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Runs over the named files.</summary>
    public static void Run(IReadOnlyList<string> files, Report report)
    {
        var contents = files.Select(File.ReadAllBytes).ToList();
        var fast = new FastCdc(15);
        var yardstick = Measure("fastcdc", contents, rest => fast.Cut(rest));
        var average = (double)ChunkingParameters.Default.Average;
        foreach (var width in new[] { 512, 256, 128, 0 })
        {
            if (width > Chunker.MachineWidth)
                continue;
            var chunker = new Chunker(ChunkingParameters.Default, null, width);
            var outcome = Measure($"pgear-{width}", contents, rest => chunker.Cut(rest, final: true));
            if (width == Chunker.MachineWidth)
                report.AtLeast("chunker, one thread", outcome.Speed, "GB/s", 4, $"{width} bits");
            if (width == 0)
                report.AtLeast("chunker without vectors, one thread", outcome.Speed, "GB/s", 2, $"FastCDC {yardstick.Speed:0.00} GB/s");
            average = ChunkingParameters.Default.Average * yardstick.Mean / outcome.Mean;
        }

        var alike = AtMean(contents, yardstick.Mean, average);
        report.RatioAtLeast(
            $"duplicates found, chunks of {alike.Mean:0} bytes on average", alike.Ratio, yardstick.Ratio, "to 1", 0.99,
            $"FastCDC, {yardstick.Mean:0} bytes,");
    }

    /// <summary>Our chunker, set so that its mean comes near another's: only then do the duplicates compare.</summary>
    static Outcome AtMean(List<byte[]> contents, double mean, double average)
    {
        for (var round = 1; ; round++)
        {
            var chunker = new Chunker(ChunkingParameters.ForAverage((int)average));
            var outcome = Measure($"pgear {(int)average}", contents, rest => chunker.Cut(rest, final: true));
            if (round == Rounds || Math.Abs(outcome.Mean - mean) < mean / 200)
                return outcome;
            average *= mean / outcome.Mean;
        }
    }

    static List<Chunk> Cut(ReadOnlySpan<byte> data, Cutter cutter)
    {
        var chunks = new List<Chunk>();
        for (var at = 0; at < data.Length;)
        {
            var length = cutter(data[at..]);
            chunks.Add(new Chunk(at, length));
            at += length;
        }

        return chunks;
    }

    /// <summary>
    /// Takes the best time of each short piece, so that what else the machine does is left out and what the data does is not.
    /// </summary>
    static double Speed(byte[] data, Cutter cutter)
    {
        var seconds = 0.0;
        var end = Math.Min(data.Length, Timed);
        for (var at = 0; at < end; at += Piece)
        {
            var piece = data.AsSpan(at, Math.Min(Piece, end - at));
            var best = double.MaxValue;
            for (var trial = 0; trial < Trials; trial++)
            {
                var start = Stopwatch.GetTimestamp();
                Cut(piece, cutter);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            seconds += best;
        }

        return end / seconds / 1e9;
    }

    static Outcome Measure(string name, List<byte[]> contents, Cutter cutter)
    {
        var seen = new HashSet<BlockHash>();
        var hasher = new Blake3Hasher();
        long total = 0, unique = 0, count = 0;
        foreach (var data in contents)
        {
            var chunks = Cut(data, cutter);
            var hashes = new BlockHash[chunks.Count];
            hasher.HashMany(data, chunks.ToArray(), hashes);
            count += chunks.Count;
            total += data.Length;
            for (var i = 0; i < hashes.Length; i++)
                unique += seen.Add(hashes[i]) ? chunks[i].Length : 0;
        }

        var outcome = new Outcome(Speed(contents[0], cutter), (double)total / Math.Max(1, count), (double)total / Math.Max(1, unique));
        Console.WriteLine($"{name,-12} {outcome.Speed,6:F2} GB/s  mean {outcome.Mean,7:F0}  ratio {outcome.Ratio:F4}");
        return outcome;
    }
}
