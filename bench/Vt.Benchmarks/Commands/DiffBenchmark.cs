namespace Vt.Benchmarks.Commands;

/// <summary>Telling two archives of a million files apart that differ in a hundred.</summary>
static class DiffBenchmark
{
    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("diff");
        File.WriteAllText($"{folder}/vtrc", "");
        var vt = $"VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/store";
        Command.Run($"{vt} init > /dev/null; mkdir {folder}/tree; cd {folder}/tree; for d in $(seq 1000); do mkdir d$d; (cd d$d; seq -f f%04.0f 0 999 | xargs touch); done");
        Command.Run($"{vt} import {folder}/tree {folder}/a.vt; cp {folder}/a.vt {folder}/first.vt; cd {folder}/tree; for i in $(seq 10 10 1000); do echo changed > d$i/f0500; done; {vt} import {folder}/tree {folder}/a.vt");
        var diff = Command.Median(5, $"{vt} diff {folder}/first.vt {folder}/a.vt | grep -c f0500 | grep -qx 100");
        bench.Report.AtMost("diff of two 1,000,000-file archives, 100 files differ: CPU", diff.Cpu * 1000, "ms", 300);
        Directory.Delete(folder, recursive: true);
    }
}
