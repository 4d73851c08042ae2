namespace Vt.Benchmarks.Commands;

/// <summary>What it takes to start the command at all.</summary>
static class StartBenchmark
{
    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("start");
        File.WriteAllText($"{folder}/vtrc", "");
        var vt = $"VT_CONFIG={folder}/vtrc '{bench.Vt}' -q -S '{folder}/store'";
        Command.Run($"{vt} init > /dev/null; mkdir '{folder}/tree'; seq 1000 > '{folder}/tree/numbers'; {vt} import '{folder}/tree' '{folder}/a.vt'");
        Report(bench, "vt --version", $"'{bench.Vt}' --version");
        Report(bench, "vt ls of a small archive", $"{vt} ls '{folder}/a.vt'");
        Directory.Delete(folder, recursive: true);
    }

    static void Report(Bench bench, string what, string command)
    {
        var one = Command.Median(11, command);
        var shell = Command.Median(5, "true");
        var many = Command.Run($"for i in 1 2 3 4 5 6 7 8 9 10; do {command} > /dev/null; done");
        bench.Report.AtMost($"{what}: CPU", (many.Cpu - shell.Cpu) * 100, "ms", 60);
        bench.Report.AtMost($"{what}: resident", one.PeakBytes / 1048576.0, "MiB", 40);
    }
}
