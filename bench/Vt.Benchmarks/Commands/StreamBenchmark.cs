using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Config;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Transport;

namespace Vt.Benchmarks.Commands;

/// <summary>What goes over a line to a store in another process, which keeps it in memory: sockets by themselves, ssh against scp.</summary>
static class StreamBenchmark
{
    const long Large = 1L << 30;
    const long Small = 512L << 20;
    const int Workers = 4;

    // As much under way as who writes a large file over such a line has: batches of a MiB, eight of its own and those that all share.
    const int FarWorkers = 48;
    const int FarBatch = 16;
    const int Rounds = 3;

    static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("stream");
        File.WriteAllText($"{folder}/vtrc", "");
        var (adds, gets) = UnixRates(bench, folder, Large, 64 << 10, 16);
        bench.Report.AtLeast("unix socket: adds of 64 KiB blocks", adds * (64 << 10) / 1e9, "GB/s", 1);
        bench.Report.AtLeast("unix socket: gets of 64 KiB blocks", gets * (64 << 10) / 1e9, "GB/s", 1);
        (adds, gets) = UnixRates(bench, folder, Small, 4 << 10, 128);
        bench.Report.AtLeast("unix socket: adds of 4 KiB blocks", adds / 1000, "k/s", 100);
        bench.Report.AtLeast("unix socket: gets of 4 KiB blocks", gets / 1000, "k/s", 100);
        Ssh(bench, folder);
        Directory.Delete(folder, recursive: true);
    }

    // A server of its own for each round: its memory is fresh every time, as it is where a store grows.
    static (double Adds, double Gets) UnixRates(Bench bench, string folder, long bytes, int block, int batch)
    {
        var (adds, gets) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            using var server = StartServer(bench, folder);
            (adds[round], gets[round]) = RatesAsync(() => OpenAsync(folder), bytes, block, batch, Workers).GetAwaiter().GetResult();
            server.Kill();
            server.WaitForExit();
        }

        return (Median(adds), Median(gets));
    }

    static async Task<IBlockStore> OpenAsync(string folder) => await StreamStore.OpenAsync(new UnixConnector($"{folder}/vt.sock"));

    static void Ssh(Bench bench, string folder)
    {
        using var ssh = SshSite.Start(folder);
        var direct = ssh.ConfigFor(ssh.Port);
        var (ours, scp, same) = (new double[Rounds], new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            ours[round] = SshRate(bench, direct, folder, Large / 2, Workers, 64);
            scp[round] = ScpRate(direct);
            same[round] = ScpRate(direct, "-c aes128-gcm@openssh.com");
        }

        bench.Report.RatioAtLeast("ssh: adds of 64 KiB blocks", Median(ours), Median(scp), "MB/s", 0.8, "scp");
        bench.Report.Note("scp told to use AES-GCM, as vt does by itself", "", $"{Median(same):0} MB/s");

        // Half of the delay each way; the relay by itself must not be what is measured.
        using var near = new DelayingRelay(ssh.Port, TimeSpan.Zero);
        using var far = new DelayingRelay(ssh.Port, Delay / 2);
        var (without, with) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            without[round] = SshRate(bench, ssh.ConfigFor(near.Port), folder, Large, FarWorkers, FarBatch);
            with[round] = SshRate(bench, ssh.ConfigFor(far.Port), folder, Large, FarWorkers, FarBatch);
        }

        bench.Report.RatioAtLeast("ssh with 50 ms of delay", Median(with), Median(without), "MB/s", 0.8, "without");
        var (quick, late) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            quick[round] = SaveRate(bench, ssh.ConfigFor(near.Port), folder);
            late[round] = SaveRate(bench, ssh.ConfigFor(far.Port), folder);
        }

        bench.Report.RatioAtLeast("ssh with 50 ms of delay: vt save of a large file", Median(late), Median(quick), "MB/s", 0.8, "without");
        bench.Report.Note("scp with 50 ms of delay", "", $"{ScpRate(ssh.ConfigFor(far.Port)):0} MB/s");
    }

    // As a store of the settings is opened.
    static double SshRate(Bench bench, string config, string folder, long bytes, int workers, int batch)
    {
        var settings = new SshSettings("test")
        {
            SshConfig = config,
            Program = $"env VT_CONFIG={folder}/vtrc {bench.Vt} -S 'memory()'",
        };
        var (adds, _) = RatesAsync(() => StreamOpener.OpenAsync(settings, TimeProvider.System, CancellationToken.None), bytes, 64 << 10, batch, workers).GetAwaiter().GetResult();
        return adds * (64 << 10) / 1e6;
    }

    // Into a store that is gone with its server.
    static double SaveRate(Bench bench, string config, string folder)
    {
        const string From = "/dev/shm/vt-bench-from";
        Command.Run($"head -c {2 * Large} /dev/urandom > {From}");
        var store = $"ssh(host=test,ssh_config={config},program=env VT_CONFIG={folder}/vtrc {bench.Vt},store=\"memory()\")";
        var took = Command.Run($"env VT_CONFIG={folder}/vtrc {bench.Vt} -S '{store}' save {From} > /dev/null").Wall;
        Command.Run($"rm -f {From}");
        return 2 * Large / 1e6 / took;
    }

    static double Median(double[] rates)
    {
        Array.Sort(rates);
        return rates[rates.Length / 2];
    }

    static double ScpRate(string config, string options = "")
    {
        const string From = "/dev/shm/vt-bench-from";
        const string To = "/dev/shm/vt-bench-to";
        Command.Run($"head -c {Large / 2} /dev/urandom > {From}");
        var took = Command.Run($"scp -q {options} -F '{config}' {From} test:{To}").Wall;
        Command.Run($"rm -f {From} {To}");
        return Large / 2 / 1e6 / took;
    }

    static Process StartServer(Bench bench, string folder)
    {
        var start = new ProcessStartInfo(bench.Vt, ["-S", "memory()", "serve", $"{folder}/vt.sock"]) { RedirectStandardError = true };
        start.Environment["VT_CONFIG"] = $"{folder}/vtrc";
        var server = Process.Start(start)!;
        server.StandardError.ReadLine();
        return server;
    }

    /// <summary>Blocks a second, added and then read back.</summary>
    static async Task<(double Adds, double Gets)> RatesAsync(Func<Task<IBlockStore>> open, long bytes, int block, int batch, int workers)
    {
        await using var store = await open();
        var (buffers, slots) = MakeBlocks(store.Hasher, bytes, block, batch);
        var adds = await RateAsync(slots, batch, workers, number => store.AddManyAsync(buffers[number], slots[number]).AsTask());
        await store.FlushAsync();
        var gets = await RateAsync(slots, batch, workers, async number =>
        {
            var leases = new BlockLease[batch];
            await store.GetManyAsync(slots[number].Select(static slot => slot.Hash).ToArray(), leases);
            foreach (var lease in leases)
                lease.Dispose();
        });
        return (adds, gets);
    }

    static async Task<double> RateAsync(BlockSlot[][] slots, int batch, int workers, Func<int, Task> call)
    {
        var watch = Stopwatch.StartNew();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < slots.Length)
                await call(number);
        })));
        return slots.Length * (double)batch / watch.Elapsed.TotalSeconds;
    }

    static (byte[][] Buffers, BlockSlot[][] Slots) MakeBlocks(BlockHasher hasher, long bytes, int block, int batch)
    {
        var buffers = new byte[bytes / block / batch][];
        var slots = new BlockSlot[buffers.Length][];
        for (var i = 0; i < buffers.Length; i++)
        {
            var buffer = buffers[i] = GC.AllocateUninitializedArray<byte>(block * batch);
            Random.Shared.NextBytes(buffer);
            slots[i] = [.. Enumerable.Range(0, batch).Select(number => new BlockSlot(hasher.Hash(buffer.AsSpan(number * block, block)), number * block, block))];
        }

        return (buffers, slots);
    }
}
