namespace Vt.Benchmarks.Commands;

/// <summary>First import, re-read, skip by stat and export, against restic and borg on the same tree at the same compression level.</summary>
static class ImportBenchmark
{
    const int Rounds = 3;

    public static void Run(Bench bench)
    {
        var tree = Path.Combine(bench.Corpus, "v1");
        var folder = bench.Fresh("import");
        var store = $"{folder}/store";
        var archive = $"{folder}/tree.vt";
        var vt = $"VT_CONFIG={folder}/vtrc '{bench.Vt}' -q -S '{store}'";
        File.WriteAllText($"{folder}/vtrc", "");
        var restic = $"RESTIC_PASSWORD=x RESTIC_CACHE_DIR={folder}/restic-cache restic -q -r '{folder}/restic'";
        var borg = $"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_BASE_DIR={folder}/borg-base borg";

        var ours = Measure(tree, $"{vt} import '{tree}' '{archive}'", $"rm -rf '{store}' '{archive}'; {vt} init > /dev/null");
        var theirs = Command.Has("restic")
            ? Measure(tree, $"{restic} backup --compression auto '{tree}'", $"rm -rf '{folder}/restic' '{folder}/restic-cache'; {restic} init --repository-version 2")
            : (Measured?)null;
        var borgs = Command.Has("borg")
            ? Measure(tree, $"cd '{tree}' && {borg} create -C zstd,1 '{folder}/borg::a' .", $"rm -rf '{folder}/borg' '{folder}/borg-base'; {borg} init -e none '{folder}/borg'")
            : (Measured?)null;

        Compare(bench.Report, "first import", ours, theirs, borgs, 0.35, 0.55);
        Wall(bench.Report, "first import", ours, theirs, borgs, 0.4);
        bench.Report.AtMost("import: peak memory", ours.PeakBytes / 1048576.0, "MiB", 200);
        Sizes(bench, folder, store, theirs is not null, borgs is not null);

        ours = Measure(tree, $"{vt} import --reread '{tree}' '{archive}'");
        theirs = theirs is null ? null : Measure(tree, $"{restic} backup --force --compression auto '{tree}'");
        borgs = borgs is null ? null : Measure(tree, $"cd '{tree}' && {borg} create --files-cache=disabled -C zstd,1 '{folder}/borg::r{{now:%s%f}}' .");
        Compare(bench.Report, "re-read unchanged", ours, theirs, borgs, 0.3, 0.2);
        Wall(bench.Report, "re-read unchanged", ours, theirs, borgs, 0.25);

        ours = Measure(tree, $"{vt} import '{tree}' '{archive}'");
        theirs = theirs is null ? null : Measure(tree, $"{restic} backup --compression auto '{tree}'");
        if (theirs is { } stat)
            bench.Report.RatioAtMost("unchanged by stat: CPU", ours.Cpu, stat.Cpu, "s", 0.25, "restic");

        Export(bench, folder, vt, archive, tree, restic, borg, theirs is not null, borgs is not null);
        Next(bench, folder, vt, archive, store);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A command on a tree that is in the page cache, whatever ran before: borg makes the kernel forget the files that it has read.</summary>
    static Measured Measure(string tree, string command, string prepare = "true") =>
        Command.Median(Rounds, command, $"{prepare}; find '{tree}' -type f -print0 | xargs -0 cat > /dev/null");

    static void Compare(Report report, string what, Measured ours, Measured? restic, Measured? borg, double toRestic, double toBorg)
    {
        if (restic is { } r)
            report.RatioAtMost($"{what}: CPU", ours.Cpu, r.Cpu, "s", toRestic, "restic");
        if (borg is { } b)
            report.RatioAtMost($"{what}: CPU", ours.Cpu, b.Cpu, "s", toBorg, "borg");
    }

    static void Wall(Report report, string what, Measured ours, Measured? restic, Measured? borg, double bound)
    {
        var best = Math.Min(restic?.Wall ?? double.MaxValue, borg?.Wall ?? double.MaxValue);
        if (best < double.MaxValue)
            report.RatioAtMost($"{what}: wall", ours.Wall, best, "s", bound, "the better");
    }

    static void Sizes(Bench bench, string folder, string store, bool restic, bool borg)
    {
        var ours = Size(store);
        var best = Math.Min(restic ? Size($"{folder}/restic") : double.MaxValue, borg ? Size($"{folder}/borg") : double.MaxValue);
        if (best < double.MaxValue)
            bench.Report.RatioAtMost("repository", ours, best, "MB", 1.03, "the smaller");
    }

    static double Size(string folder) =>
        double.Parse(Command.Output($"du -s --apparent-size -B1 '{folder}' | cut -f1"), System.Globalization.CultureInfo.InvariantCulture) / 1e6;

    static void Export(Bench bench, string folder, string vt, string archive, string tree, string restic, string borg, bool hasRestic, bool hasBorg)
    {
        // Into memory: a disk that has just deleted a tree of this size is slow for reasons that are nobody's.
        var target = $"/dev/shm/vt-bench-{Environment.ProcessId}";
        var clear = $"rm -rf '{target}' && mkdir '{target}'";
        try
        {
            var ours = Measure(tree, $"{vt} export '{archive}' '{target}/out'", clear);
            Command.Run($"{clear}; {vt} export '{archive}' '{target}/out'; rsync -aHAXn --checksum --itemize-changes --delete '{tree}/' '{target}/out/' | (! grep .)");
            var theirs = double.MaxValue;
            if (hasRestic)
                theirs = Math.Min(theirs, Measure(tree, $"{restic} restore latest --target '{target}'", clear).Cpu);
            if (hasBorg)
                theirs = Math.Min(theirs, Measure(tree, $"cd '{target}' && {borg} extract '{folder}/borg::a'", clear).Cpu);
            if (theirs < double.MaxValue)
                bench.Report.RatioAtMost("export: CPU", ours.Cpu, theirs, "s", 0.7, "the better");
        }
        finally
        {
            Command.Run($"rm -rf '{target}'");
        }
    }

    static void Next(Bench bench, string folder, string vt, string archive, string store)
    {
        var before = Size(store);
        var first = $"{folder}/first.vt";
        File.Copy(archive, first);
        var second = Command.Run($"{vt} import --delete '{bench.Corpus}/v2' '{archive}'");
        bench.Report.Note("import of the next version", second.ToString(), $"adds {Size(store) - before:0} MB to {before:0} MB");
        var states = Command.Run($"{vt} diff '{first}' '{archive}' > '{folder}/diff'; test -s '{folder}/diff'");
        bench.Report.Note("diff of the two versions", states.ToString());
    }
}
