using System.Diagnostics;
using System.Globalization;

namespace Vt.Benchmarks.Commands;

/// <summary>
/// A live mount on a store in a bucket against the SDK itself, which puts and gets 16 MiB objects eight at a time, and against s3fs and rclone mount, with bytes of no pattern and with a tar of a
/// real tree; small files against s3fs; requests by number. All take turns, VT_BENCH_ROUNDS times (3) with VT_BENCH_MIB (2048) each, and medians count.
/// </summary>
static class S3Benchmark
{
    const int Part = 16 << 20;
    const int AtOnce = 8;
    const int SmallFiles = 1000;
    const int SmallSize = 8 << 10;
    const int CountedMebibytes = 256;

    static readonly string[] _peers = ["s3fs", "rclone"];

    public static void Run(Bench bench)
    {
        var home = bench.Fresh("s3");
        using var site = S3Site.TryStart(Directory.CreateDirectory(Path.Combine(home, "gateway")).FullName);
        if (site is null)
        {
            bench.Report.Note("S3", "no gateway: neither VT_BENCH_BUCKET nor radosgw");
            return;
        }

        var mebibytes = Number("VT_BENCH_MIB", 2048);
        var rounds = new List<Round>();
        var tars = new List<Round>();
        for (var left = Number("VT_BENCH_ROUNDS", 3); left > 0; left--)
        {
            rounds.Add(RoundAsync(bench, site, home, mebibytes).GetAwaiter().GetResult());
            tars.Add(TarRoundAsync(bench, site, home, mebibytes).GetAwaiter().GetResult());
        }

        Tell(bench.Report, rounds);
        TellPeers(bench.Report, "S3: a tar of a real tree", tars);
        Count(bench, site, home);
        Directory.Delete(home, recursive: true);
    }

    static void Tell(Report report, List<Round> rounds)
    {
        var (put, get) = (Median(rounds, round => round.Put), Median(rounds, round => round.Get));
        var (write, read, small) = (Median(rounds, round => round.Write), Median(rounds, round => round.Read), Median(rounds, round => round.Small));
        report.RatioAtLeast("S3: written to a live mount until it is in the bucket", write, put, "MiB/s", 0.7, "SDK");
        report.RatioAtLeast("S3: cold sequential read", read, get, "MiB/s", 0.7, "SDK");
        report.Note("S3: processor seconds of the machine, written", $"{Median(rounds, round => round.WriteBusy):0.0} s", $"SDK {Median(rounds, round => round.PutBusy):0.0} s");
        report.Note("S3: processor seconds of the machine, read", $"{Median(rounds, round => round.ReadBusy):0.0} s", $"SDK {Median(rounds, round => round.GetBusy):0.0} s");
        report.Note("S3: the mount's server, written", $"{Median(rounds, round => round.Server):0.0} s", $"{Median(rounds, round => round.Memory) / (1 << 20):0} MiB");
        TellPeers(report, "S3: bytes of no pattern", rounds);
        if (rounds[0].PeerSmall is not null)
            report.RatioAtLeast($"S3: {SmallFiles} files of 8 KiB, durable", small, Median(rounds, round => round.PeerSmall!.Value), "/s", 10, "s3fs");
        else
            report.Note($"S3: {SmallFiles} files of 8 KiB, durable", FormattableString.Invariant($"{small:0} /s"), "no s3fs");
    }

    static void TellPeers(Report report, string what, List<Round> rounds)
    {
        for (var i = 0; i < _peers.Length; i++)
        {
            if (rounds[0].Peers[i] is null)
                continue;
            report.RatioAtLeast($"{what}, written until they are in the bucket", Median(rounds, static round => round.Write), Median(rounds, round => round.Peers[i]!.Value.Write), "MiB/s", 2, _peers[i]);
            report.RatioAtLeast($"{what}, cold sequential read", Median(rounds, static round => round.Read), Median(rounds, round => round.Peers[i]!.Value.Read), "MiB/s", 2, _peers[i]);
        }
    }

    static async Task<Round> TarRoundAsync(Bench bench, S3Site site, string home, int mebibytes)
    {
        var round = new Round();
        var source = Path.Combine(home, "source");
        Command.Run($"(tar -C {bench.Corpus} --sort=name -cf - v1 || true) 2> /dev/null | head -c {mebibytes}M > {source}");
        Warm(mebibytes);
        Ours(bench, site, home, source, mebibytes, round, withSmall: false);
        await site.DeleteAsync("vt/");
        await PeersAsync(site, home, source, mebibytes, round, withSmall: false);
        return round;
    }

    static async Task<Round> RoundAsync(Bench bench, S3Site site, string home, int mebibytes)
    {
        var round = new Round();
        var source = Path.Combine(home, "source");
        Command.Run($"head -c {mebibytes}M /dev/urandom > {source}");
        var count = mebibytes / (Part >> 20);
        Warm(mebibytes);
        (round.Put, round.PutBusy) = await TimeAsync(mebibytes, () => site.PutAsync("raw/", count, Part, AtOnce));
        (round.Get, round.GetBusy) = await TimeAsync(mebibytes, () => site.GetAsync("raw/", count, AtOnce));
        await site.DeleteAsync("raw/");
        Warm(mebibytes);
        Ours(bench, site, home, source, mebibytes, round, withSmall: true);
        await site.DeleteAsync("vt/");
        await PeersAsync(site, home, source, mebibytes, round, withSmall: true);
        return round;
    }

    // A host takes memory that is free from its guests, and whoever is first to have it back waits up to 10 microseconds for each page: as long as all else that is done with what is in it. So all begin
    // with as much that was used a moment ago: for the gateway's store, the page cache, and a copy besides.
    static void Warm(int mebibytes)
    {
        const string Used = "/dev/shm/vt-bench-warm";
        Command.Run($"head -c {3 * mebibytes}M /dev/zero > {Used}; rm {Used}");
    }

    static async Task PeersAsync(S3Site site, string home, string source, int mebibytes, Round round, bool withSmall)
    {
        for (var i = 0; i < _peers.Length; i++)
        {
            var mountpoint = Path.Combine(home, "peer");
            if (S3Peers.CommandOf(_peers[i], site, home, mountpoint) is not { } command)
                continue;
            Warm(mebibytes);
            round.Peers[i] = S3Peers.Large(command, mountpoint, source, mebibytes);
            await site.DeleteAsync("peer");
            if (!withSmall || _peers[i] != "s3fs")
                continue;
            round.PeerSmall = SmallOf(command, mountpoint);
            await site.DeleteAsync("small-");
        }
    }

    static void Ours(Bench bench, S3Site site, string home, string source, int mebibytes, Round round, bool withSmall)
    {
        var vt = Prepare(bench, site.Variables(), $"s3://{site.Bucket}/vt/{Guid.NewGuid():n}", home);
        var mountpoint = Path.Combine(home, "mnt");
        using (var mounted = new Mounted($"{vt} mount {home}/a.vt {mountpoint}", mountpoint))
        {
            var before = mounted.ProcessorTime();
            (round.Write, round.WriteBusy) = Time(mebibytes, () => Command.Run($"cp {source} {mountpoint}/large; {vt} sync {mountpoint}"));
            round.Server = (mounted.ProcessorTime() - before).TotalSeconds;
            round.Memory = mounted.Memory().Peak;
            if (withSmall)
            {
                round.Small = Time(SmallFiles, () =>
                {
                    WriteSmall(mountpoint);
                    Command.Run($"{vt} sync {mountpoint}");
                }).Rate;
            }
        }

        Command.Run($"rm -rf {home}/data");
        using (new Mounted($"{vt} mount -r {home}/a.vt {mountpoint}", mountpoint))
            (round.Read, round.ReadBusy) = Time(mebibytes, () => Command.Run($"cat {mountpoint}/large > /dev/null"));
        using (new Mounted($"{vt} mount -r {home}/a.vt {mountpoint}", mountpoint))
            Command.Run($"cmp {mountpoint}/large {source}");
    }

    // The requests are counted in a run of their own: passing them on takes time.
    static void Count(Bench bench, S3Site site, string home)
    {
        using var relay = new PutRelay(site.Endpoint);
        var vt = Prepare(bench, site.Variables(relay.Address), $"s3://{site.Bucket}/vt/{Guid.NewGuid():n}", home);
        var mountpoint = Path.Combine(home, "mnt");
        using (new Mounted($"{vt} mount {home}/b.vt {mountpoint}", mountpoint))
        {
            Command.Run($"echo 1 > {mountpoint}/first; {vt} sync {mountpoint}");
            relay.Take();
            Command.Run($"echo 2 > {mountpoint}/second; {vt} sync {mountpoint}");
            var commit = relay.Take();
            bench.Report.Note("S3: PUTs for a commit of a small file", $"{commit} requests");
            Command.Run($"mkdir {mountpoint}/many; for i in $(seq {SmallFiles}); do echo $i > {mountpoint}/many/$i; done; {vt} sync {mountpoint}");
            bench.Report.AtMost($"S3: PUTs for a commit of {SmallFiles} small files", relay.Take(), "requests", commit);
            Command.Run($"head -c {CountedMebibytes}M /dev/urandom > {mountpoint}/large; {vt} sync {mountpoint}");
            bench.Report.AtMost($"S3: PUTs for {CountedMebibytes} MiB and their commit", relay.Take(), "requests", (CountedMebibytes / 8) + commit);
        }

        site.DeleteAsync("vt/").GetAwaiter().GetResult();
    }

    static string Prepare(Bench bench, string variables, string store, string home)
    {
        var vt = $"env {variables} VT_STORE={store} VT_CONFIG={home}/vtrc XDG_DATA_HOME={home}/data {bench.Vt}";
        Command.Run($"rm -rf {home}/data {home}/*.vt {home}/*.vt.live; touch {home}/vtrc; {vt} init");
        return vt;
    }

    static double SmallOf(string command, string mountpoint)
    {
        using (new Mounted(command, mountpoint))
            return Time(SmallFiles, () => WriteSmall(mountpoint)).Rate;
    }

    static void WriteSmall(string folder)
    {
        var bytes = new byte[SmallSize];
        for (var i = 0; i < SmallFiles; i++)
        {
            Random.Shared.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(folder, $"small-{i}"), bytes);
        }
    }

    static (double Rate, double Busy) Time(double amount, Action what)
    {
        var (clock, busy) = (Stopwatch.StartNew(), BusySeconds());
        what();
        return (amount / clock.Elapsed.TotalSeconds, BusySeconds() - busy);
    }

    static async Task<(double Rate, double Busy)> TimeAsync(double amount, Func<Task> what)
    {
        var (clock, busy) = (Stopwatch.StartNew(), BusySeconds());
        await what();
        return (amount / clock.Elapsed.TotalSeconds, BusySeconds() - busy);
    }

    /// <summary>For how long the machine's processors have worked, for whomever (proc_stat(5): all but idle and waiting, in hundredths of a second).</summary>
    static double BusySeconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return (fields[..8].Sum() - fields[3] - fields[4]) / 100;
    }

    static double Median(List<Round> rounds, Func<Round, double> of) => rounds.Select(of).Order().ElementAt(rounds.Count / 2);

    static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>What one turn of all gave: MiB/s, files a second, processor seconds of the machine and of the mount's server, bytes.</summary>
    sealed class Round
    {
        public double Put, Get, Write, Read, Small, PutBusy, GetBusy, WriteBusy, ReadBusy, Server, Memory;
        public (double Write, double Read)?[] Peers = new (double, double)?[_peers.Length];
        public double? PeerSmall;
    }
}
