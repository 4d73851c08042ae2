using System.Diagnostics;
using Vt.Stores.DataDir;
using Vt.Volumes.Branches;

namespace Vt.Benchmarks.Commands;

/// <summary>Commits, branches, forks and resets of volumes of three sizes, against copying, snapshots of btrfs and git; and the room that a hundred commits take.</summary>
static class VolumeBenchmark
{
    const int Rounds = 7;
    const int Commits = 100;
    const int SmallFiles = 1000;
    const int SmallFileBytes = 16 << 10;

    static readonly (string Name, int Folders, int Files)[] _sizes = [("small", 10, 100), ("middle", 100, 1000), ("large", 1000, 1000)];

    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("volumes");
        File.WriteAllText($"{folder}/vtrc", "");
        var environment = new Dictionary<string, string>
        {
            ["VT_CONFIG"] = $"{folder}/vtrc",
            ["VT_STORE"] = $"{folder}/store",
            ["VT_AUTHOR"] = "bench <bench@localhost>",
            ["XDG_DATA_HOME"] = $"{folder}/data",
        };
        Run("init");
        bench.Report.Note("vt --version, for comparison", Text(Median(() => Time("--version"))));
        var commits = new Dictionary<string, double>();
        foreach (var (name, folders, files) in _sizes)
        {
            Command.Run($"mkdir -p {folder}/{name}; cd {folder}/{name}; for d in $(seq {folders}); do mkdir $d; (cd $d; seq -f f%04.0f {files} | xargs touch); done");
            Run("volume", "init", name);
            Command.Run($"{Line()} import {folder}/{name} $(ls -t {folder}/data/vt/volumes/*/main.vt | head -1)");
            Run("commit", "-m", "all");
            commits[name] = CommitMounted(name, folders);
        }

        bench.Report.AtMost("commit of 10 files among 1,000,000, mounted", commits["large"], "ms", 100);
        bench.Report.RatioAtMost("the same", commits["large"], commits["small"], "ms", 2, "among 1,000");
        var number = 0;
        bench.Report.AtMost("branch of 1,000,000 files, by a program that runs", Branch(), "ms", 20);
        bench.Report.AtMost("vt branch", Median(() => Time("branch", "-V", "large", $"b{number++}")), "ms", 20);
        bench.Report.AtMost("vt mount -o fork of 1,000,000 files", Median(Fork), "ms", 20);
        bench.Report.AtMost("reset by 10 files among 1,000,000", Median(() => Time("-q", "reset", "--hard", "-V", "large", number++ % 2 == 0 ? "HEAD^" : "@{1}")), "ms", 200);
        Turn();
        Peers(bench, folder, commits["middle"]);
        Space(bench, folder);
        Directory.Delete(folder, recursive: true);

        double CommitMounted(string name, int folders)
        {
            using var mounted = new Mounted($"env {Variables()} {bench.Vt} -q mount -o allow_other,commit=3600 {name} {folder}/mnt", $"{folder}/mnt");
            var round = 0;
            return Median(() =>
            {
                round++;
                for (var i = 1; i <= 10; i++)
                    File.WriteAllText($"{mounted.Mountpoint}/{i * folders / 10}/f0050", $"{round}");
                return Time("commit", "-V", name, "-m", "ten");
            });
        }

        // With all names and attributes in the kernel's memory.
        void Turn()
        {
            Run("branch", "-V", "large", "other", "HEAD^");
            using var mounted = new Mounted($"env {Variables()} {bench.Vt} -q mount -o allow_other,commit=3600 large {folder}/mnt", $"{folder}/mnt");
            Command.Run($"find {mounted.Mountpoint} -size +1M > /dev/null");
            bench.Report.AtMost("the same, mounted", Median(() => Time("-q", "reset", "--hard", "-V", "large", number++ % 2 == 0 ? "HEAD^" : "@{1}")), "ms", 200);
            bench.Report.AtMost("checkout by 10 files among 1,000,000, mounted", Median(() => Time("checkout", "-V", "large", number++ % 2 == 0 ? "other" : "main")), "ms", 200);
        }

        double Branch()
        {
            var store = DataDirStore.Open($"{folder}/store");
            var volume = new VolumeCatalog(store).FindAsync("large").AsTask().Result;
            var tip = volume.ReadTipAsync("main").AsTask().Result;
            var took = Median(() =>
            {
                var clock = Stopwatch.StartNew();
                volume.CreateBranchAsync($"b{number++}", tip, "made").AsTask().Wait();
                return clock.Elapsed.TotalMilliseconds;
            });
            store.DisposeAsync().AsTask().Wait();
            return took;
        }

        double Fork()
        {
            Directory.CreateDirectory($"{folder}/fork");
            var took = Time("-q", "mount", "-d", "-o", "fork,allow_other", "large", $"{folder}/fork");
            Run("umount", $"{folder}/fork");
            return took;
        }

        double Time(params string[] arguments)
        {
            var start = new ProcessStartInfo(bench.Vt, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (variable, value) in environment)
                start.Environment[variable] = value;
            var clock = Stopwatch.StartNew();
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            var took = clock.Elapsed.TotalMilliseconds;
            return process.ExitCode == 0 ? took : throw new InvalidOperationException($"vt {string.Join(' ', arguments)}: {errors.Result}");
        }

        void Run(params string[] arguments) => Time(arguments);

        string Variables() => string.Join(' ', environment.Select(static variable => $"{variable.Key}='{variable.Value}'"));

        string Line() => $"env {Variables()} {bench.Vt} -q";

        void Space(Bench bench, string folder)
        {
            var (source, seed) = ($"{folder}/changing", 0);
            Command.Run($"mkdir -p {source}; cd {source}; head -c {SmallFiles * SmallFileBytes} /dev/urandom | split -a 3 -b {SmallFileBytes} - f");
            environment["VT_STORE"] = $"{folder}/space";
            Run("init");
            Run("volume", "init", "space");
            var archive = Command.Output($"ls -t {folder}/data/vt/volumes/*/main.vt | head -1");
            Command.Run($"export RESTIC_PASSWORD=x; restic -q init -r {folder}/restic > /dev/null");
            var names = Directory.GetFiles(source).Order(StringComparer.Ordinal).ToArray();
            var random = new Random(1);
            var content = new byte[SmallFileBytes];
            for (var commit = 0; commit < Commits; commit++)
            {
                for (var i = 0; i < SmallFiles / 100; i++)
                {
                    random.NextBytes(content);
                    File.WriteAllBytes(names[seed++ * 7 % names.Length], content);
                }

                Command.Run($"{Line()} import {source} {archive}; {Line()} commit -m c > /dev/null");
                Command.Run($"rsync -a {(commit > 0 ? $"--link-dest={folder}/copies/{commit - 1}" : "")} {source}/ --mkpath {folder}/copies/{commit}/");
                Command.Run($"export RESTIC_PASSWORD=x; restic -q backup -r {folder}/restic {source} > /dev/null");
            }

            var ours = Disk($"{folder}/space");
            bench.Report.RatioAtMost("100 commits with 1 % changed each", ours, Disk($"{folder}/copies"), "MiB", 1, "rsync --link-dest");
            bench.Report.RatioAtMost("100 commits with 1 % changed each", ours, Disk($"{folder}/restic"), "MiB", 1, "restic");
        }
    }

    static void Peers(Bench bench, string folder, double ours)
    {
        Command.Run($"cd {folder}/middle; git init -q; git config gc.auto 0; git add -A; git -c user.name=a -c user.email=a@b commit -qm all");
        var git = Median(() => Wall($"cd {folder}/middle; for i in $(seq 10); do date +%N > $((i * 10))/f0050; done; git add -A; git -c user.name=a -c user.email=a@b commit -qm ten"));
        bench.Report.RatioAtMost("commit of 10 files among 100,000, mounted", ours, git, "ms", 1, "git add and commit");
        bench.Report.RatioAtMost("the same", ours, Wall($"cp -a {folder}/middle {folder}/copy"), "ms", 1, "cp -a");
        if (!Command.Has("mkfs.btrfs"))
            return;
        Command.Run($"truncate -s 2G {folder}/image; mkfs.btrfs -q {folder}/image; mkdir {folder}/btrfs; mount -o loop {folder}/image {folder}/btrfs; btrfs -q subvolume create {folder}/btrfs/v; cp -a {folder}/middle/. {folder}/btrfs/v; sync");
        try
        {
            var number = 0;
            var snapshot = Median(() =>
            {
                Command.Run($"for i in $(seq 10); do date +%N > {folder}/btrfs/v/$((i * 10))/f0050; done");
                return Wall($"btrfs -q subvolume snapshot -r {folder}/btrfs/v {folder}/btrfs/s{number++}; sync -f {folder}/btrfs");
            });
            bench.Report.Note("btrfs subvolume snapshot of the same, durable", Text(snapshot), $"vt {Text(ours)}");
        }
        finally
        {
            Command.Run($"umount {folder}/btrfs");
        }
    }

    static double Wall(string command)
    {
        var clock = Stopwatch.StartNew();
        Command.Run(command);
        return clock.Elapsed.TotalMilliseconds;
    }

    static double Median(Func<double> measure) => Enumerable.Range(0, Rounds).Select(_ => measure()).Order().ElementAt(Rounds / 2);

    static double Disk(string folder) => double.Parse(Command.Output($"du -sk {folder} | cut -f1"), System.Globalization.CultureInfo.InvariantCulture) / 1024;

    static string Text(double milliseconds) => FormattableString.Invariant($"{milliseconds:0.0} ms");
}
