using Vt.Benchmarks;
using Vt.Benchmarks.Commands;

var groups = new (string Name, Action<Bench> Run)[]
{
    ("start", StartBenchmark.Run),
    ("import", ImportBenchmark.Run),
    ("mount", MountBenchmark.Run),
    ("diff", DiffBenchmark.Run),
};

if (args.Length < 3)
{
    Console.Error.WriteLine($"usage: Vt.Benchmarks VT CORPUS SCRATCH [{string.Join('|', groups.Select(group => group.Name))}]...");
    return 2;
}

var report = new Report(Console.Out);
var bench = new Bench(args[0], args[1], args[2], report);
foreach (var (name, run) in groups)
{
    if (args.Length == 3 || args.AsSpan(3).Contains(name))
        run(bench);
}

report.Print();
return 0;
