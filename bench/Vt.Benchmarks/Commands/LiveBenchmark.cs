using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Vt.Posix;

namespace Vt.Benchmarks.Commands;

/// <summary>The live mount against bindfs and against the disk's own filesystem.</summary>
static partial class LiveBenchmark
{
    const int SmallFiles = 20_000;
    const int Rounds = 3;
    const long SequentialMiB = 2048;

    // What S3QL was measured to do on this kind of machine, until stored.
    const double S3qlWriteMiB = 53;
    const double S3qlFiles = 171;
    const double S3qlReadMiB = 32;

    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("live");
        File.WriteAllText($"{folder}/vtrc", "");
        Command.Run($"env VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/store init > /dev/null; mkdir {folder}/disk {folder}/source");
        Command.Run($"cd {folder}/source; for d in $(seq {SmallFiles / 100}); do mkdir $d; head -c 409600 /dev/urandom | split -a 3 -b 4096 - $d/; done; tar cf {folder}/small.tar .");
        Command.Run($"head -c {SequentialMiB << 20} /dev/urandom > {folder}/random");
        Command.Run($"(find {bench.Corpus}/v1 {bench.Corpus}/v2 -name '*.[ch]' -print0 | sort -z | xargs -0 cat 2> /dev/null || true) | head -c {SequentialMiB << 20} > {folder}/text");

        Trees(bench, folder);
        Sequential(bench, folder);
        Databases(bench, folder);
        Overwrite(bench, folder);
        Million(bench, folder);
        Directory.Delete(folder, recursive: true);
    }

    static Mounted Mount(Bench bench, string folder, string archive, string options = "commit=5", string store = "store") =>
        new($"env VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/{store} mount -o allow_other,{options} {folder}/{archive}.vt {folder}/mnt", $"{folder}/mnt");

    static Mounted Bind(string folder) => new($"bindfs -f {folder}/disk {folder}/bind", $"{folder}/bind");

    static void Trees(Bench bench, string folder)
    {
        // In this order each: what the second needs the first has made.
        var commands = new (string What, Func<string, string> Command)[]
        {
            ($"untar of {SmallFiles} files of 4 KiB", at => $"tar xf {folder}/small.tar -C {at}"),
            ("rm -rf of them", at => $"rm -rf {at}/[0-9]*"),
            ("git clone", at => $"git clone -q {folder}/repository {at}/clone"),
            ("git status", at => $"git -C {at}/clone status > /dev/null"),
            ("dotnet build", at => $"mkdir {at}/build; tar xf {folder}/solution.tar -C {at}/build; cd {at}/build; dotnet build src/Vt.Stores -c Release -v q -p:UseSharedCompilation=false > {folder}/build.log"),
        };
        Command.Run($"git -C {Environment.CurrentDirectory} archive -o {folder}/solution.tar HEAD");
        Command.Run($"cp -r {bench.Corpus}/v1/linux-source-6.1/drivers/net {folder}/repository; cd {folder}/repository; git init -q; git config gc.auto 0; git add -A; git -c user.name=a -c user.email=a@b commit -qm all");
        var ours = new double[commands.Length];
        using (var mounted = Mount(bench, folder, "trees"))
        {
            for (var i = 0; i < ours.Length; i++)
            {
                Command.Run("sync");
                ours[i] = Command.Run(commands[i].Command(mounted.Mountpoint)).Wall;
                if (i == 0)
                {
                    var stored = ours[i] + Command.Run($"{bench.Vt} sync {mounted.Mountpoint}").Wall;
                    bench.Report.RatioAtLeast("small files until stored", SmallFiles / stored, S3qlFiles, "/s", 10, "S3QL");
                }
            }
        }

        using var bound = Bind(folder);
        for (var i = 0; i < ours.Length; i++)
        {
            Command.Run("sync");
            bench.Report.RatioAtMost(commands[i].What, ours[i], Command.Run(commands[i].Command(bound.Mountpoint)).Wall, "s", 1.5, "bindfs");
        }
    }

    static void Sequential(Bench bench, string folder)
    {
        foreach (var (data, bound) in ((string, double)[])[("random", 0.5), ("text", 0.35)])
        {
            // In turns: the disk of a virtual machine is several times faster until it has given what it may at once. Each time to a store that knows nothing of it.
            var (disk, wall, stored) = (new double[Rounds], new double[Rounds], new double[Rounds]);
            for (var round = 0; round < Rounds; round++)
            {
                Command.Run($"cat {folder}/{data} > /dev/null");
                if (round % 2 == 0)
                    disk[round] = Written($"{folder}/{data}", $"{folder}/disk/{data}");
                Command.Run($"rm -rf {folder}/fresh {folder}/sequential-{data}.vt*; env VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/fresh init");
                using (var fresh = Mount(bench, folder, $"sequential-{data}", "commit=5,passthrough", "fresh"))
                {
                    wall[round] = Written($"{folder}/{data}", $"{fresh.Mountpoint}/{data}");
                    stored[round] = wall[round] + Command.Run($"{bench.Vt} sync {fresh.Mountpoint}").Wall;
                }

                if (round % 2 != 0)
                    disk[round] = Written($"{folder}/{data}", $"{folder}/disk/{data}");
            }

            bench.Report.RatioAtLeast($"2 GiB of {data} in order, to fsync", SequentialMiB / Median(wall), SequentialMiB / Median(disk), "MiB/s", bound, "ext4");
            bench.Report.RatioAtLeast($"2 GiB of {data} in order, until stored", SequentialMiB / Median(stored), S3qlWriteMiB, "MiB/s", 10, "S3QL");
            using var mounted = Mount(bench, folder, $"sequential-{data}", "commit=5,passthrough", "fresh");
            Command.Run($"cmp {folder}/{data} {mounted.Mountpoint}/{data}");
            var warm = Command.Median(3, $"dd if={mounted.Mountpoint}/{data} of=/dev/null bs=1M status=none").Wall;
            var ext4 = Command.Median(3, $"dd if={folder}/disk/{data} of=/dev/null bs=1M status=none").Wall;
            bench.Report.RatioAtLeast($"warm read of {data}", SequentialMiB / warm, SequentialMiB / ext4, "MiB/s", 0.9, "ext4");
            bench.Report.RatioAtLeast($"mapped read of {data}", ReadMapped($"{mounted.Mountpoint}/{data}"), ReadMapped($"{folder}/disk/{data}"), "MiB/s", 0.9, "ext4");
            Mounted.DropCaches();
            bench.Report.RatioAtLeast($"cold read of {data}", SequentialMiB / Command.Run($"dd if={mounted.Mountpoint}/{data} of=/dev/null bs=1M status=none").Wall, S3qlReadMiB, "MiB/s", 10, "S3QL");
            Command.Run($"{bench.Vt} -q flat {mounted.Mountpoint}/{data}; cat {mounted.Mountpoint}/{data} > /dev/null");
            var flat = Command.Median(3, $"dd if={mounted.Mountpoint}/{data} of=/dev/null bs=1M status=none").Wall;
            bench.Report.RatioAtLeast($"warm read of {data}, flat, by the kernel", SequentialMiB / flat, SequentialMiB / ext4, "MiB/s", 0.9, "ext4");
            bench.Report.RatioAtLeast($"mapped read of {data}, flat, by the kernel", ReadMapped($"{mounted.Mountpoint}/{data}"), ReadMapped($"{folder}/disk/{data}"), "MiB/s", 0.9, "ext4");
            Command.Run($"rm {folder}/disk/{data}");
        }
    }

    static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    // In seconds; a new file. Under a host that takes free memory back, which one of two writers happens to get pages that were just used decides between them, so
    // both get these.
    static double Written(string from, string to)
    {
        Command.Run($"rm -f {to}; sync; available=$(awk '/MemAvailable/ {{ print $2 }}' /proc/meminfo); head -c $((available / 3 < 5 << 20 ? available / 3 : 5 << 20))K /dev/zero > /dev/shm/vt-bench; rm /dev/shm/vt-bench");
        return Command.Run($"dd if={from} of={to} bs=1M conv=fsync status=none").Wall;
    }

    // All of it, the median of three passes, in MiB/s.
    static double ReadMapped(string path)
    {
        var times = new List<double>();
        var buffer = new byte[1 << 20];
        for (var pass = 0; pass < 3; pass++)
        {
            using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
            using var map = new MemoryMap(file, 0, SequentialMiB << 20);
            var clock = Stopwatch.StartNew();
            for (long at = 0; at < map.Length; at += buffer.Length)
                map.Span(at, buffer.Length).CopyTo(buffer);
            times.Add(clock.Elapsed.TotalSeconds);
        }

        return SequentialMiB / Median([.. times]);
    }

    static void Databases(Bench bench, string folder)
    {
        using var mounted = Mount(bench, folder, "databases");
        using var bound = Bind(folder);

        // What earlier measurements have written is on the disk by then.
        Command.Run("sync");
        if (Command.Has("sqlite3"))
        {
            // In turns, the best of each.
            var (ours, disk) = (0.0, 0.0);
            for (var round = 0; round < 3; round++)
            {
                ours = Math.Max(ours, Sqlite(mounted.Mountpoint));
                disk = Math.Max(disk, Sqlite($"{folder}/disk"));
            }

            bench.Report.RatioAtLeast("SQLite, 10,000 synchronous transactions", ours, disk, "/s", 0.6, "ext4");
        }

        var postgres = Command.Output("ls -d /usr/lib/postgresql/*/bin 2> /dev/null | tail -1");
        if (postgres.Length > 0)
        {
            Command.Run($"sync; chmod 755 {folder}; chmod 777 {mounted.Mountpoint} {folder}/disk");
            var ours = Pgbench(postgres, folder, mounted.Mountpoint);
            bench.Report.RatioAtLeast("pgbench, scale 10, 8 clients", ours, Pgbench(postgres, folder, $"{folder}/disk"), "/s", 0.6, "ext4");
            bench.Report.RatioAtLeast("pgbench, scale 10, 8 clients", ours, Pgbench(postgres, folder, bound.Mountpoint), "/s", 0.9, "bindfs");
        }
    }

    static double Sqlite(string at)
    {
        const int transactions = 10_000;
        var script = $"pragma journal_mode=wal; pragma synchronous=full; create table t(a integer primary key, b text);";
        Command.Run($"rm -f {at}/db*; sqlite3 {at}/db \"{script}\" > /dev/null; (echo 'pragma synchronous=full;'; for i in $(seq {transactions}); do echo \"insert into t(b) values('some text of a row number $i');\"; done) > {at}/../script.sql");
        return transactions / Command.Run($"sqlite3 {at}/db < {at}/../script.sql > /dev/null").Wall;
    }

    static double Pgbench(string programs, string folder, string at)
    {
        var run = $"su postgres -s /bin/bash -c";
        Command.Run($"rm -rf {at}/pg; mkdir {at}/pg; chown postgres {at}/pg; {run} \"{programs}/initdb -D {at}/pg > /dev/null; echo \\\"listen_addresses='' unix_socket_directories='/tmp'\\\" | tr ' ' '\\n' >> {at}/pg/postgresql.conf; {programs}/pg_ctl -s -w -D {at}/pg -l /dev/null -o '-p 54329' start; {programs}/pgbench -q -h /tmp -p 54329 -i -s 10 postgres 2> /dev/null\"");
        try
        {
            var printed = Command.Output($"{run} '{programs}/pgbench -h /tmp -p 54329 -c 8 -j 2 -T 20 postgres 2> /dev/null'");
            return double.Parse(Tps().Match(printed).Groups[1].Value, CultureInfo.InvariantCulture);
        }
        finally
        {
            Command.Run($"{run} '{programs}/pg_ctl -s -w -m fast -D {at}/pg stop'; rm -rf {at}/pg");
        }
    }

    static void Overwrite(Bench bench, string folder)
    {
        const long size = 10L << 30;
        using var mounted = Mount(bench, folder, "overwrite", "commit=3600");
        Command.Run($"for i in 0 1 2 3 4; do cat {folder}/random; done | dd of={mounted.Mountpoint}/big bs=1M iflag=fullblock status=none; {bench.Vt} sync {mounted.Mountpoint}; cp {folder}/random {folder}/disk/big");
        var ours = SyncedWrite($"{mounted.Mountpoint}/big", size);
        bench.Report.RatioAtMost("4 KiB overwritten in 10 GiB, to fsync", ours, SyncedWrite($"{folder}/disk/big", SequentialMiB << 20), "µs", 3, "ext4");
        Command.Run($"{bench.Vt} sync {mounted.Mountpoint}");
        var before = Stored(folder);
        Command.Run($"dd if=/dev/urandom of={mounted.Mountpoint}/big bs=4096 count=1 seek=1234567 conv=notrunc,fsync status=none; {bench.Vt} sync {mounted.Mountpoint}");
        bench.Report.AtMost("its checkpoint stores", (Stored(folder) - before) / 1024.0, "KiB", 512);
    }

    static double SyncedWrite(string path, long size)
    {
        const int rounds = 200;
        var random = new Random(1);
        var page = new byte[4096];
        using var file = PosixFile.Open(path, OpenFlags.O_RDWR);
        var times = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            random.NextBytes(page);
            var clock = Stopwatch.GetTimestamp();
            PosixFile.Pwrite(file, page, random.NextInt64(size / 4096) * 4096);
            PosixFile.Fsync(file);
            times.Add(Stopwatch.GetElapsedTime(clock).TotalMicroseconds);
        }

        return times.Order().ElementAt(rounds / 2);
    }

    // Packs that are written to have other names than closed ones.
    static long Stored(string folder) => Directory.EnumerateFiles($"{folder}/store/packs").Sum(static file => new FileInfo(file).Length);

    static void Million(Bench bench, string folder)
    {
        Command.Run($"mkdir {folder}/million; cd {folder}/million; for d in $(seq 0 999); do mkdir $d; done; for d in $(seq 0 999); do (cd $d; seq -f %03.0f 0 999 | xargs touch); done; env VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/store import {folder}/million {folder}/million.vt");
        using (var mounted = Mount(bench, folder, "million", "commit=3600"))
        {
            var times = new List<double>();
            for (var i = 0; i < 11; i++)
            {
                File.WriteAllText($"{mounted.Mountpoint}/{i * 90}/changed", "something else");
                var clock = Stopwatch.GetTimestamp();
                if (Xattrs.TrySet(System.Text.Encoding.UTF8.GetBytes(mounted.Mountpoint), "x-vt-sync"u8, "now"u8) != Errno.OK)
                    throw new InvalidOperationException("no checkpoint");
                times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            }

            bench.Report.AtMost("checkpoint of one file among 1,000,000", times.Order().ElementAt(times.Count / 2), "ms", 20);
            Command.Run($"find {mounted.Mountpoint} -printf '%s' > /dev/null; sync; echo 2 > /proc/sys/vm/drop_caches; sleep 3; ls {mounted.Mountpoint} > /dev/null; sleep 3");
            bench.Report.AtMost("server memory after 1,000,000 lookups and forgets", mounted.Memory().Now / 1048576.0, "MiB", 128 + 48);
        }

        using (var mounted = Mount(bench, folder, "crash", "commit=3600"))
        {
            Command.Run($"fio --name=crash --filename={mounted.Mountpoint}/file --rw=randwrite --bs=4k --size=1G --end_fsync=1 --output=/dev/null");
            mounted.Crash();
        }

        using var again = Mount(bench, folder, "crash");
        var first = Stopwatch.StartNew();
        Command.Run($"head -c 4096 {again.Mountpoint}/file > /dev/null");
        bench.Report.AtMost("mount after a crash with 1 GiB unstored, to the first read", (again.UntilMounted + first.Elapsed).TotalSeconds, "s", 1);
    }

    [GeneratedRegex(@"tps = ([0-9.]+) \(without")]
    private static partial Regex Tps();
}
