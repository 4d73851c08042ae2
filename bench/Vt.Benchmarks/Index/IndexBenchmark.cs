using System.Diagnostics;
using System.Globalization;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Benchmarks.Index;

/// <summary>
/// The block index against its budgets: at 10 million keys at least 1 M inserts/s durable, 1 M hits/s and 2 M misses/s warm on one
/// thread, at most 60 bytes a key in the index folder, 256 MiB anonymous memory, 50 ms to open, 60 s to rebuild.
/// </summary>
static class IndexBenchmark
{
    const int KeysPerPack = 1 << 16;
    const int Lookups = 1 << 18;
    const int Rounds = 12;
    const int LookupBatch = 1024;
    const ulong Present = 0;
    const ulong Absent = 4;

    /// <summary>Runs at one size in a folder of its own under the temporary folder, which it removes.</summary>
    /// <param name="output">Receives the figures, one a line.</param>
    /// <param name="keys">How many blocks.</param>
    public static void Run(TextWriter output, long keys)
    {
        var folder = Directory.CreateTempSubdirectory("vt-index-bench-").FullName;
        try
        {
            var packs = new BenchmarkPacks(Directory.CreateDirectory(Path.Combine(folder, "packs")).FullName);
            var index = Path.Combine(folder, "index");
            Print(output, keys, "keys", "");
            Insert(output, index, packs, keys);
            Look(output, index, packs, keys);
            Rebuild(output, index, packs);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Insert(TextWriter output, string folder, BenchmarkPacks packs, long keys)
    {
        using var index = BlockIndex.Open(folder, HashAlgorithmId.Blake3, packs);
        var table = new MemoryTable(HashAlgorithmId.Blake3);
        var anonymous = 0L;
        var watch = Stopwatch.StartNew();
        var cpu = Cpu();
        for (var from = 0L; from < keys; from += KeysPerPack)
        {
            InsertPack(index, table, packs, from, Math.Min(keys, from + KeysPerPack));
            anonymous = Math.Max(anonymous, Anonymous());
        }

        var durable = watch.Elapsed;
        index.WhenMergedAsync().Wait();
        index.Merge();
        var merged = watch.Elapsed;
        var used = Cpu() - cpu;
        anonymous = Math.Max(anonymous, Anonymous());
        var statistics = index.Statistics();
        Print(output, keys / durable.TotalSeconds / 1e6, "M inserts/s, durable", "at least 1");
        Print(output, keys / merged.TotalSeconds / 1e6, "M inserts/s, merges included", "");
        Print(output, keys / used.TotalSeconds / 1e6, "M inserts/s of CPU, merges included", "");
        Print(output, statistics.MergedRuns + statistics.PackRuns, "runs", "");
        Print(output, (double)statistics.MergedBytes / keys, "bytes a key in the index folder", "at most 60");
        Print(output, anonymous / 1048576.0, "MiB anonymous memory at most while inserting", "at most 256");
    }

    static void InsertPack(BlockIndex index, MemoryTable table, BenchmarkPacks packs, long from, long to)
    {
        var pack = PackId.Create();
        var slot = index.SlotOf(pack);
        using var builder = new RunBuilder(HashAlgorithmId.Blake3, pack, (ulong)Stopwatch.GetTimestamp());
        for (var number = from; number < to; number++)
        {
            var hash = BenchmarkPacks.HashOf(number, Present);
            if (table.Claim(hash, out _) != ClaimOutcome.Claimed)
                throw new InvalidOperationException("a fresh block was not fresh");
            var location = BlockLocation.At(slot, (number - from) * 4096, 4096);
            table.Locate(hash, location);
            builder.Add(hash, location);
        }

        packs.Write(pack, builder);
        index.AddPackRun(pack);
        table.RemovePack(slot);
        index.StartMerging();
    }

    static void Look(TextWriter output, string folder, BenchmarkPacks packs, long keys)
    {
        var watch = Stopwatch.StartNew();
        using var index = BlockIndex.Open(folder, HashAlgorithmId.Blake3, packs);
        Print(output, watch.Elapsed.TotalMilliseconds, "ms to open", "at most 50");
        var hashes = new BlockHash[Lookups];
        var locations = new BlockLocation[Lookups];
        var random = new Random(1);
        var hits = new List<double>();
        var misses = new List<double>();
        var single = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            hits.Add(Find(index, hashes, locations, Pick(hashes, random, keys, Present)));
            single.Add(FindSingly(index, hashes));
            misses.Add(Find(index, hashes, locations, Pick(hashes, random, keys, Absent)));
        }

        Print(output, Median(hits), "M hits/s", "at least 1");
        Print(output, Median(misses), "M misses/s", "at least 2");
        Print(output, Median(single), "M hits/s, asked one by one", "");
        Print(output, Anonymous() / 1048576.0, "MiB anonymous memory while looking up", "at most 256");
    }

    /// <summary>Fills in random names of a series.</summary>
    /// <returns>How many of them should be found.</returns>
    static int Pick(BlockHash[] hashes, Random random, long keys, ulong series)
    {
        foreach (ref var hash in hashes.AsSpan())
            hash = BenchmarkPacks.HashOf(random.NextInt64(keys), series);
        return series == Present ? hashes.Length : 0;
    }

    static double Find(BlockIndex index, BlockHash[] hashes, BlockLocation[] locations, int expected)
    {
        Array.Clear(locations);
        var found = 0;
        var watch = Stopwatch.StartNew();
        for (var at = 0; at < Lookups; at += LookupBatch)
            found += index.FindMany(hashes.AsSpan(at, LookupBatch), locations.AsSpan(at, LookupBatch));
        if (found != expected)
            throw new InvalidOperationException($"found {found} of {expected}");
        return Lookups / watch.Elapsed.TotalSeconds / 1e6;
    }

    static double FindSingly(BlockIndex index, BlockHash[] hashes)
    {
        var watch = Stopwatch.StartNew();
        foreach (ref readonly var hash in hashes.AsSpan())
        {
            if (!index.TryFind(hash, out _))
                throw new InvalidOperationException("a block was not found");
        }

        return Lookups / watch.Elapsed.TotalSeconds / 1e6;
    }

    /// <summary>The median of the later half, when everything is compiled and mapped.</summary>
    static double Median(List<double> rates)
    {
        var later = rates.Skip(rates.Count / 2).Order().ToList();
        return later[later.Count / 2];
    }

    static void Rebuild(TextWriter output, string folder, BenchmarkPacks packs)
    {
        Directory.Delete(folder, recursive: true);
        var watch = Stopwatch.StartNew();
        using var index = BlockIndex.Open(folder, HashAlgorithmId.Blake3, packs);
        Print(output, watch.Elapsed.TotalMilliseconds, "ms to open without the index folder", "");
        watch.Restart();
        index.RebuildAsync().Wait();
        Print(output, watch.Elapsed.TotalSeconds, "s to rebuild", "at most 60");
        Print(output, Anonymous() / 1048576.0, "MiB anonymous memory after rebuilding", "at most 256");
    }

    static void Print(TextWriter output, double value, string unit, string budget)
    {
        var figure = string.Create(CultureInfo.InvariantCulture, $"{value,14:#,0.##} {unit}");
        output.WriteLine(budget.Length > 0 ? $"{figure} ({budget})" : figure);
    }

    static TimeSpan Cpu()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    /// <summary>RssAnon of proc_pid_status(5), in bytes.</summary>
    static long Anonymous()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(8).Trim().TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture) * 1024;
        }

        return 0;
    }
}
