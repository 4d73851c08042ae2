using System.Diagnostics;
using System.Globalization;

namespace Vt.Benchmarks.Commands;

/// <summary>Indexing a tree in place, against an import that reads the same tree again; scans of an unchanged tree of 90,000 files, and a watcher with nothing to do.</summary>
static class PlatonicBenchmark
{
    const int Rounds = 5;
    const int Files = 90_000;
    const int FilesInFolder = 100;
    const int IdleSeconds = 30;

    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("platonic");
        var tree = Path.Combine(bench.Corpus, "v1");
        var vt = $"VT_CONFIG={folder}/vtrc '{bench.Vt}' -q";
        File.WriteAllText($"{folder}/vtrc", $"[GLOBAL]\nbasedir = {folder}\n[corpus]\ntype = platonic\npath = {tree}\n[many]\ntype = platonic\npath = {folder}/many\n[plain]\ntype = datadir\n");
        First(bench, vt, tree, folder);
        MakeMany($"{folder}/many");
        Command.Run($"{vt} -S '[many]' platonic scan");
        var again = Command.Median(Rounds, $"{vt} -S '[many]' platonic scan");
        bench.Report.AtMost($"platonic: scan of {Files} unchanged files, CPU", again.Cpu, "s", 1.5);
        bench.Report.Note("platonic: that scan", again.ToString());
        Idle(bench, folder);
        Directory.Delete(folder, recursive: true);
    }

    // Each reads the tree and hashes it; neither stores data.
    static void First(Bench bench, string vt, string tree, string folder)
    {
        var warm = $"find '{tree}' -type f -print0 | xargs -0 cat > /dev/null";
        Command.Run($"{vt} -S '[plain]' init > /dev/null; {vt} -S '[plain]' import '{tree}' '{folder}/plain.vt'");
        var import = Command.Median(Rounds, $"{vt} -S '[plain]' import --reread '{tree}' '{folder}/plain.vt'", warm);
        var scan = Command.Median(Rounds, $"{vt} -S '[corpus]' platonic scan", $"rm -rf '{folder}/corpus.platonic' '{folder}/corpus.vt'; {warm}");
        bench.Report.RatioAtLeast("platonic: first index, rate by CPU", 1 / scan.Cpu, 1 / import.Cpu, "trees/s", 0.8, "import --reread");
        bench.Report.RatioAtLeast("platonic: first index, rate", 1 / scan.Wall, 1 / import.Wall, "trees/s", 0.8, "import --reread");
        bench.Report.Note("platonic: first index", scan.ToString(), import.ToString());
    }

    static void MakeMany(string folder)
    {
        var content = new byte[20_000];
        var random = new Random(1);
        for (var i = 0; i < Files; i++)
        {
            var inner = $"{folder}/{i / FilesInFolder / 30}/{i / FilesInFolder}";
            if (i % FilesInFolder == 0)
                Directory.CreateDirectory(inner);
            random.NextBytes(content);
            File.WriteAllBytes($"{inner}/{i}", content.AsSpan(0, random.Next(content.Length)));
        }
    }

    static void Idle(Bench bench, string folder)
    {
        var start = new ProcessStartInfo(bench.Vt, ["-S", "[many]", "platonic", "watch"]) { RedirectStandardError = true };
        start.Environment["VT_CONFIG"] = $"{folder}/vtrc";
        using var watcher = Process.Start(start)!;
        while (watcher.StandardError.ReadLine() is { } line && !line.Contains("watched", StringComparison.Ordinal))
        {
        }

        // The first seconds are those of the scan that has just ended.
        var from = watcher.WaitForExit(TimeSpan.FromSeconds(5)) ? TimeSpan.Zero : watcher.TotalProcessorTime;
        watcher.WaitForExit(TimeSpan.FromSeconds(IdleSeconds));
        watcher.Refresh();
        var used = watcher.TotalProcessorTime - from;
        bench.Report.AtMost("platonic: idle watcher of 900 folders, CPU", 100 * used.TotalSeconds / IdleSeconds, "%", 0.5);
        bench.Report.Note("platonic: its memory", string.Create(CultureInfo.InvariantCulture, $"{watcher.WorkingSet64 / 1048576.0:0} MiB"));
        Command.Run($"kill -TERM {watcher.Id}");
        watcher.WaitForExit();
    }
}
