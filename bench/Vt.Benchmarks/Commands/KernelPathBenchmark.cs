using System.Diagnostics;
using System.Globalization;
using Vt.Posix;

namespace Vt.Benchmarks.Commands;

/// <summary>
/// What single calls cost through a live mount: over the device and over io_uring, where that can be switched on, against bindfs. All are mounted at the
/// same time and take turns, so that what else the machine does falls on each alike.
/// </summary>
static class KernelPathBenchmark
{
    const int Rounds = 20_000;
    const int Turns = 5;
    // Files of a live mount need no opening, so the kernel does without its server.
    const string NoRequest = "open and close";

    const string Switch = "/sys/module/fuse/parameters/enable_uring";

    static readonly int[] Threads = [1, 2, 8];

    static readonly (string Name, Action<string, FileDescriptor, int, byte[]> Run)[] Operations =
    [
        ("getattr", static (_, file, _, _) => PosixFile.TryFstatFresh(file, out _)),
        ("lookup", static (folder, _, round, _) => PosixFile.TryStat($"{folder}/none{Environment.CurrentManagedThreadId}-{round}", out _)),
        (NoRequest, static (folder, _, _, _) => PosixFile.Open($"{folder}/file", OpenFlags.O_RDONLY).Dispose()),
        ("read 4 KiB", static (_, file, round, buffer) =>
        {
            // Where the kernel has the page, no server is asked: each round drops it first.
            PosixFile.Fadvise(file, round % 1024 * 4096, 4096, PosixFile.POSIX_FADV_DONTNEED);
            PosixFile.Pread(file, buffer, round % 1024 * 4096);
        }),
        ("write 4 KiB", static (_, file, round, buffer) => PosixFile.Pwrite(file, buffer, round % 1024 * 4096)),
    ];

    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("path");
        File.WriteAllText($"{folder}/vtrc", "");
        Command.Run($"env VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/store init > /dev/null; mkdir {folder}/disk");
        var before = SwitchOn();
        try
        {
            Compare(bench, folder, withRing: before is not null);
        }
        finally
        {
            if (before is not null)
                File.WriteAllText(Switch, before);
        }

        Directory.Delete(folder, recursive: true);
    }

    static void Compare(Bench bench, string folder, bool withRing)
    {
        using var device = Mount(bench, folder, "device", "off");
        using var ring = withRing ? Mount(bench, folder, "ring", "on") : null;
        using var bound = new Mounted($"bindfs -f {folder}/disk {folder}/bound", $"{folder}/bound");
        Mounted[] all = ring is null ? [device, bound] : [device, bound, ring];
        foreach (var mounted in all)
            File.WriteAllBytes($"{mounted.Mountpoint}/file", new byte[4 << 20]);
        var next = 0;
        foreach (var (name, run) in Operations)
        {
            foreach (var threads in Threads)
            {
                var rates = new double[all.Length][];
                var processor = new double[all.Length];
                for (var i = 0; i < all.Length; i++)
                    rates[i] = new double[Turns];
                for (var turn = -1; turn < Turns; turn++)
                {
                    for (var i = 0; i < all.Length; i++)
                    {
                        var used = all[i].ProcessorTime() + Environment.CpuUsage.TotalTime;
                        var rate = Rate(all[i].Mountpoint, run, threads, ref next, Rounds);
                        if (turn < 0)
                            continue;
                        rates[i][turn] = rate;
                        processor[i] += (all[i].ProcessorTime() + Environment.CpuUsage.TotalTime - used).TotalMicroseconds / (Turns * (Rounds / threads * threads));
                    }
                }

                Report(bench, name, threads, [.. rates.Select(static turns => turns.Order().ElementAt(Turns / 2))], processor);
            }
        }

        bench.Report.Note("memory of the server: device", Mebibytes(device), ring is null ? "" : $"io_uring {Mebibytes(ring)}");
    }

    static void Report(Bench bench, string name, int threads, double[] rates, double[] processor)
    {
        if (threads == 1)
            bench.Report.RatioAtMost($"{name}: latency, median", 1e6 / rates[0], 1e6 / rates[1], "µs", 1, "bindfs");
        else
            bench.Report.RatioAtLeast($"{name}: {threads} threads", rates[0], rates[1], "/s", 1, "bindfs");
        if (rates.Length < 3 || name == NoRequest)
            return;
        if (threads == 1)
            bench.Report.RatioAtMost($"{name}: latency over io_uring", 1e6 / rates[2], 1e6 / rates[0], "µs", 1.1, "device");
        else
            bench.Report.RatioAtLeast($"{name}: {threads} threads over io_uring", rates[2], rates[0], "/s", 1.5, "device");
        bench.Report.Note($"{name}: {threads} threads, processor time of caller and server", Text(processor[2]), $"device {Text(processor[0])}, bindfs {Text(processor[1])}");
    }

    static string Text(double microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds:0.00} µs");

    static string Mebibytes(Mounted mounted) => string.Create(CultureInfo.InvariantCulture, $"{mounted.Memory().Now / 1048576.0:0.0} MiB");

    static Mounted Mount(Bench bench, string folder, string name, string use) =>
        new($"env VT_CONFIG={folder}/vtrc {bench.Vt} -q -S {folder}/store mount -o allow_other,commit=5,io_uring={use} {folder}/{name}.vt {folder}/{name}", $"{folder}/{name}");

    static double Rate(string mountpoint, Action<string, FileDescriptor, int, byte[]> run, int threads, ref int next, int rounds)
    {
        var each = rounds / threads;
        var first = next;
        next += rounds;
        var begun = new long[threads];
        var ended = new long[threads];
        using var start = new Barrier(threads);
        var all = Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            using var file = PosixFile.Open($"{mountpoint}/file", OpenFlags.O_RDWR);
            var buffer = new byte[4096];
            start.SignalAndWait();
            begun[thread] = Stopwatch.GetTimestamp();
            for (var round = 0; round < each; round++)
                run(mountpoint, file, first + (thread * each) + round, buffer);
            ended[thread] = Stopwatch.GetTimestamp();
        })).ToArray();
        foreach (var thread in all)
            thread.Start();
        foreach (var thread in all)
            thread.Join();
        return each * threads / Stopwatch.GetElapsedTime(begun.Min(), ended.Max()).TotalSeconds;
    }

    /// <summary>Has the kernel offer io_uring.</summary>
    /// <returns>What the switch was before; null where it can't be had.</returns>
    static string? SwitchOn()
    {
        try
        {
            var before = File.ReadAllText(Switch);
            File.WriteAllText(Switch, "Y");
            return before;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
