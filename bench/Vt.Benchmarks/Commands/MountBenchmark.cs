using System.Diagnostics;
using System.Globalization;

namespace Vt.Benchmarks.Commands;

/// <summary>The read-only mount against bindfs over the same tree on disk, and against the mounts of restic and borg.</summary>
static class MountBenchmark
{
    const long BigMiB = 2048;

    // What the mount says it keeps: directory nodes, read-ahead and the store's frames, 16 MiB of each.
    const int CachesMiB = 48;

    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("mount");
        File.WriteAllText($"{folder}/vtrc", "");
        var vt = $"VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/store";
        var tree = Path.Combine(bench.Corpus, "v1");
        Command.Run($"{vt} init > /dev/null; {vt} import {tree} {folder}/tree.vt");
        // Random bytes and text in turn, so that neither side can win by the data; nothing in it comes twice.
        Command.Run($"mkdir {folder}/big; (find {tree} -name '*.[ch]' -print0 | sort -z | xargs -0 cat 2> /dev/null || true) | head -c 1G > {folder}/text; for i in 0 1 2 3; do head -c 256M /dev/urandom; tail -c +$((i * 268435456 + 1)) {folder}/text | (head -c 256M; cat > /dev/null); done > {folder}/big/file; mv {folder}/text {folder}/big/text; cp -r {tree}/linux-source-6.1/drivers/net {folder}/big/tree; test $(stat -c %s {folder}/big/file) = {BigMiB << 20}; {vt} import {folder}/big {folder}/big.vt");
        Command.Run($"mkdir {folder}/million; cd {folder}/million; seq -f %07.0f 0 999999 | xargs -n 5000 touch; {vt} import {folder}/million {folder}/million.vt");
        var mount = (string archive) => $"env VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/store mount -r {archive} {folder}/mnt";
        var bindfs = (string source) => $"bindfs -f -r {source} {folder}/bind";
        var hasBindfs = Command.Has("bindfs");

        // The data are cold; the program itself is not, as on any machine that uses it.
        Mounted.DropCaches();
        Command.Run($"{bench.Vt} --version");
        using (var million = new Mounted(mount($"{folder}/million.vt"), $"{folder}/mnt"))
        {
            var clock = Stopwatch.StartNew();
            using (var entries = Directory.EnumerateFileSystemEntries(million.Mountpoint).GetEnumerator())
                entries.MoveNext();
            bench.Report.AtMost("mount of 1,000,000 files: to the first entry", (million.UntilMounted + clock.Elapsed).TotalMilliseconds, "ms", 200);
            var ours = Command.Run($"ls -f {million.Mountpoint} | wc -l");
            var memory = million.Memory();
            bench.Report.AtMost("million-entry folder: server memory", memory.Peak / 1048576.0, "MiB", 96 + CachesMiB);
            if (hasBindfs)
            {
                using var bind = new Mounted(bindfs($"{folder}/million"), $"{folder}/bind");
                bench.Report.RatioAtMost("million-entry folder: ls -f", ours.Wall, Command.Run($"ls -f {bind.Mountpoint} | wc -l").Wall, "s", 2, "bindfs");
            }
        }

        Mounted.DropCaches();
        double find;
        using (var mounted = new Mounted(mount($"{folder}/tree.vt"), $"{folder}/mnt"))
            find = Command.Run($"find {mounted.Mountpoint} -printf '%s %m\\n' > /dev/null").Wall;
        if (hasBindfs)
        {
            Mounted.DropCaches();
            using var bind = new Mounted(bindfs(tree), $"{folder}/bind");
            bench.Report.RatioAtMost("find over the tree, cold", find, Command.Run($"find {bind.Mountpoint} -printf '%s %m\\n' > /dev/null").Wall, "s", 2, "bindfs");
        }

        Sequential(bench, folder, vt, mount);
        Memory(bench, mount($"{folder}/big.vt"), folder);
        Peers(bench, folder, mount);
        Directory.Delete(folder, recursive: true);
    }

    static void Sequential(Bench bench, string folder, string vt, Func<string, string> mount)
    {
        Mounted.DropCaches();
        var cat = Command.Run($"{vt} cat {folder}/big.vt/file > /dev/null").Wall;
        Mounted.DropCaches();
        using var mounted = new Mounted(mount($"{folder}/big.vt"), $"{folder}/mnt");
        var cold = Command.Run($"dd if={mounted.Mountpoint}/file of=/dev/null bs=1M status=none").Wall;
        bench.Report.RatioAtLeast("cold sequential read", BigMiB / cold, BigMiB / cat, "MiB/s", 0.7, "vt cat");
        Command.Run($"cat {folder}/big/file > /dev/null");
        var warm = Command.Median(3, $"dd if={mounted.Mountpoint}/file of=/dev/null bs=1M status=none").Wall;
        var ext4 = Command.Median(3, $"dd if={folder}/big/file of=/dev/null bs=1M status=none").Wall;
        bench.Report.RatioAtLeast("warm read", BigMiB / warm, BigMiB / ext4, "MiB/s", 0.9, "ext4");
    }

    static void Memory(Bench bench, string mount, string folder)
    {
        using var mounted = new Mounted(mount, $"{folder}/mnt");
        for (var i = 0; i < 5; i++)
        {
            Mounted.DropCaches();
            Command.Run($"dd if={mounted.Mountpoint}/file of=/dev/null bs=1M status=none");
        }

        bench.Report.AtMost("server memory while 10 GiB are read", mounted.Memory().Peak / 1048576.0, "MiB", 96 + CachesMiB);
    }

    static void Peers(Bench bench, string folder, Func<string, string> mount)
    {
        double[] ours;
        double random;
        using (var mounted = new Mounted(mount($"{folder}/big.vt"), $"{folder}/mnt"))
        {
            ours = ReadCold(mounted.Mountpoint);
            Mounted.DropCaches();
            random = RandomReads($"{mounted.Mountpoint}/file");
        }

        if (Command.Has("restic"))
        {
            var restic = $"env RESTIC_PASSWORD=x RESTIC_CACHE_DIR={folder}/restic-cache restic -q -r {folder}/restic";
            Command.Run($"{restic} init --repository-version 2; {restic} backup {folder}/big");
            using var theirs = new Mounted($"{restic} mount {folder}/peer", $"{folder}/peer");
            var data = $"{theirs.Mountpoint}/snapshots/latest{folder}/big";
            Compare(bench, ours, ReadCold(data), "restic mount");
            Mounted.DropCaches();
            bench.Report.RatioAtLeast("random 4 KiB cold reads, 8 threads", random, RandomReads($"{data}/file"), "/s", 5, "restic mount");
        }

        if (Command.Has("borg"))
        {
            var borg = $"env BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_BASE_DIR={folder}/borg-base borg";
            Command.Run($"{borg} init -e none {folder}/borg; cd {folder} && {borg} create -C zstd,1 {folder}/borg::a big");
            using var theirs = new Mounted($"{borg} mount -f {folder}/borg::a {folder}/peer", $"{folder}/peer");
            Compare(bench, ours, ReadCold($"{theirs.Mountpoint}/big"), "borg mount");
        }
    }

    /// <summary>Reads 512 MiB of the mixed file, of the text, and a tree of small files, each from the disk, in MiB/s.</summary>
    static double[] ReadCold(string data)
    {
        var commands = new (string Command, double MiB)[]
        {
            ($"dd if={data}/file of=/dev/null bs=1M count=512 status=none", 512),
            ($"dd if={data}/text of=/dev/null bs=1M count=512 status=none", 512),
            ($"tar cf - -C {data}/tree . | cat > /dev/null", double.Parse(Command.Output($"du -sb --apparent-size {data}/tree | cut -f1"), CultureInfo.InvariantCulture) / 1048576),
        };
        var rates = new double[commands.Length];
        for (var i = 0; i < rates.Length; i++)
        {
            Mounted.DropCaches();
            rates[i] = commands[i].MiB / Command.Run(commands[i].Command).Wall;
        }

        return rates;
    }

    static void Compare(Bench bench, double[] ours, double[] theirs, string peer)
    {
        bench.Report.RatioAtLeast("cold sequential read, half random bytes", ours[0], theirs[0], "MiB/s", 10, peer);
        bench.Report.RatioAtLeast("cold sequential read, source text", ours[1], theirs[1], "MiB/s", 10, peer);
        bench.Report.RatioAtLeast("cold read of a tree of small files", ours[2], theirs[2], "MiB/s", 10, peer);
    }

    /// <summary>Reads a second for four seconds by eight threads, each at places of its own.</summary>
    static double RandomReads(string file)
    {
        var text = Command.Output($"fio --name=r --filename={file} --rw=randread --bs=4k --numjobs=8 --thread --runtime=4 --time_based --readonly --invalidate=0 --group_reporting --output-format=terse 2> /dev/null | cut -d';' -f8");
        return double.TryParse(text, CultureInfo.InvariantCulture, out var rate) ? rate : throw new InvalidOperationException($"fio on {file}: {text}");
    }
}
