using System.Globalization;
using Vt.Benchmarks;
using Vt.Benchmarks.Chunking;
using Vt.Benchmarks.Commands;
using Vt.Benchmarks.Hashing;
using Vt.Benchmarks.Index;

var groups = new (string Name, Action<Bench> Run)[]
{
    ("hashing", bench => HashingSpeed.Run(bench.Report)),
    ("chunking", ChunkingComparison.Run),
    ("start", StartBenchmark.Run),
    ("import", ImportBenchmark.Run),
    ("mount", MountBenchmark.Run),
    ("path", KernelPathBenchmark.Run),
    ("live", LiveBenchmark.Run),
    ("diff", DiffBenchmark.Run),
    ("volumes", VolumeBenchmark.Run),
    ("stream", StreamBenchmark.Run),
    ("s3", S3Benchmark.Run),
    ("http", HttpBenchmark.Run),
    ("sync", SyncBenchmark.Run),
    ("platonic", PlatonicBenchmark.Run),
};

switch (args)
{
    case ["hashing"]:
        var hashing = new Report(Console.Out);
        HashingSpeed.Run(hashing);
        hashing.Print();
        return 0;
    case ["chunking", .. var files] when files.Length > 0:
        var chunking = new Report(Console.Out);
        ChunkingComparison.Run(files, chunking);
        chunking.Print();
        return 0;
    case ["index", var keys]:
        IndexBenchmark.Run(Console.Out, long.Parse(keys, CultureInfo.InvariantCulture));
        return 0;
    case ["commands", var vt, var corpus, var scratch, .. var chosen]:
        var report = new Report(Console.Out);
        var bench = new Bench(vt, corpus, scratch, report);
        foreach (var (name, run) in groups)
        {
            if (chosen.Length == 0 || chosen.Contains(name))
                run(bench);
        }

        report.Print();
        return 0;
    default:
        Console.Error.WriteLine(
            $"usage: Vt.Benchmarks hashing | chunking FILE... | index KEYS | commands VT CORPUS SCRATCH [{string.Join('|', groups.Select(group => group.Name))}]...");
        return 2;
}
