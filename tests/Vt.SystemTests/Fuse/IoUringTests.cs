using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Vt.Posix;
using Vt.Posix.Mounts;
using Vt.SystemTests.Live;
using Vt.Tests.Support;

namespace Vt.SystemTests.Fuse;

/// <summary>What only a mount over io_uring can do wrong. Each test is nothing where the kernel has no such thing.</summary>
[Collection(IoUringSwitch.Collection)]
public sealed class IoUringTests
{
    [MountFact]
    public void Handlers_that_wait_hold_up_nobody_of_their_processor()
    {
        if (!IoUringSwitch.CanBeOn || !MountAbility.HasProgram("taskset"))
            return;
        using var sample = SampleMount.Start("--io-uring", "on", "--uncached");
        var blocked = Enumerable.Range(0, 12).Select(_ => StartOnFirst("cat", sample["gate"])).ToArray();
        foreach (var _ in blocked)
            Assert.Equal("gate", sample.Mount.ReadLine());
        for (var i = 0; i < 100; i++)
            Assert.Equal($"{i}\n", RealMount.Run("taskset", "-c", "0", "cat", sample[$"many/file{i:d6}"]).Output);

        Assert.Equal(0, RealMount.Run("taskset", "-c", "0", "mkdir", sample["key"]).ExitCode);

        foreach (var reader in blocked)
            Assert.Equal("open\n", End(reader));
        for (var i = 0; i < 100; i++)
            Assert.Equal($"{i}\n", RealMount.Run("taskset", "-c", "0", "cat", sample[$"many/file{i:d6}"]).Output);
        sample.Mount.Stop();
    }

    [MountFact]
    public void More_requests_than_there_are_slots_wait_and_can_be_interrupted()
    {
        if (!IoUringSwitch.CanBeOn)
            return;
        using var sample = SampleMount.Start("--io-uring", "on");
        var stuck = Enumerable.Range(0, 48).Select(_ => StartOnFirst("cat", sample["stuck"])).ToArray();
        for (var i = 0; i < 16; i++)
            Assert.Equal("stuck", sample.Mount.ReadLine());
        foreach (var reader in stuck)
            sample.Mount.Signal("INT", reader);
        foreach (var reader in stuck)
            Assert.True(reader.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal("Hello, mount.\n", File.ReadAllText(sample["hello.txt"]));
        sample.Mount.Stop();
    }

    [MountFact]
    public void Many_processes_read_what_they_wrote()
    {
        if (!IoUringSwitch.CanBeOn)
            return;
        using var sample = SampleMount.Start("--io-uring", "on", "--uncached");
        var seed = Random.Shared.Next();
        Parallel.For(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 12 }, worker =>
        {
            var random = new Random(seed + worker);
            for (var round = 0; round < 8; round++)
            {
                // Up to three requests of the largest size, and every size below.
                var data = new byte[random.Next(1, 1 << random.Next(1, 22))];
                random.NextBytes(data);
                var path = sample[$"w{worker}-{round}"];
                File.WriteAllBytes(path, data);
                Assert.True(SHA256.HashData(File.ReadAllBytes(path)).AsSpan().SequenceEqual(SHA256.HashData(data)), $"seed {seed}, worker {worker}, round {round}");
                Assert.Equal(data.Length, new FileInfo(path).Length);
                File.Move(path, path + "x");
                Assert.False(File.Exists(path));
                File.Delete(path + "x");
            }
        });
        sample.Mount.Stop();
    }

    [MountTheory]
    [InlineData("umount")]
    [InlineData("abort")]
    [InlineData("kill")]
    public void The_end_comes_to_a_mount_at_work_too(string by)
    {
        if (!IoUringSwitch.CanBeOn)
            return;
        using var sample = SampleMount.Start("--io-uring", "on", "--uncached", "--defer");
        for (var i = 0; i < 6; i++)
            File.WriteAllText(sample[$"u{i}"], "");
        using var ended = new CancellationTokenSource();
        var users = Enumerable.Range(0, 6).Select(i => Task.Run(() => UseUntil(sample, $"u{i}", ended.Token))).ToArray();
        for (var i = 0; i < 200; i++)
            Assert.True(File.Exists(sample["hello.txt"]));
        switch (by)
        {
            case "umount":
                Assert.Equal(Errno.OK, MountCalls.TryUnmount(sample.Mount.MountPoint, UnmountFlags.MNT_DETACH));
                break;
            case "abort":
                var control = string.Create(CultureInfo.InvariantCulture, $"/sys/fs/fuse/connections/{sample.Mount.Entry!.Minor}/abort");
                if (File.Exists(control))
                    File.WriteAllText(control, "1");
                else
                    sample.Mount.Signal("TERM");
                break;
            default:
                sample.Mount.Signal("KILL");
                break;
        }

        ended.Cancel();
        Assert.True(Task.WaitAll(users, TimeSpan.FromSeconds(30)), "somebody waits for a server that isn't there");
        Assert.Equal(by == "kill" ? 137 : 0, sample.Mount.AwaitExit());
    }

    [MountTheory]
    [MemberData(nameof(IoUringSwitch.Transports), MemberType = typeof(IoUringSwitch))]
    public void Nothing_is_left_of_sessions_that_have_ended(string transport)
    {
        using var sample = SampleMount.StartSaying("left descriptors=0 threads=0 maps=0", "--io-uring", transport, "--cycles", "12", "--threads", "2");
        sample.Mount.Stop();
    }

    [RootFact]
    public void Without_the_kernels_consent_it_is_refused_in_one_line_or_done_without()
    {
        if (!IoUringSwitch.IsThere || MountAbility.WhyNot() is not null)
            return;
        var folder = Directory.CreateTempSubdirectory("vt-mount-").FullName;
        IoUringSwitch.Set(on: false);
        try
        {
            var (exitCode, _, errors) = RealMount.Run(SampleMount.Program, "--io-uring", "on", folder);
            Assert.Equal(1, exitCode);
            Assert.Contains("echo Y > /sys/module/fuse/parameters/enable_uring", Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
            Assert.Null(MountTable.FindTop(folder));
            using var quiet = SampleMount.StartOn(folder, "--io-uring", "auto");
            Assert.Equal("Hello, mount.\n", File.ReadAllText($"{folder}/hello.txt"));
            quiet.Stop();
        }
        finally
        {
            IoUringSwitch.Set(on: true);
        }

        Directory.Delete(folder);
    }

    [MountTheory]
    [MemberData(nameof(IoUringSwitch.Transports), MemberType = typeof(IoUringSwitch))]
    public void A_live_mount_keeps_what_was_written_over_either_transport(string transport)
    {
        using var live = new LiveMount($"commit=3600,io_uring={transport}");
        Assert.Contains(transport == "on" ? "io_uring" : "/dev/fuse", live.Vt.Succeed("status", live.Point), StringComparison.Ordinal);
        var random = new Random(5);
        var data = new byte[3 << 20];
        random.NextBytes(data);
        Parallel.For(0, 8, i =>
        {
            Directory.CreateDirectory(live[$"d{i}"]);
            File.WriteAllBytes(live[$"d{i}/large"], data);
            for (var j = 0; j < 20; j++)
            {
                using var file = File.OpenHandle(live[$"d{i}/f{j}"], FileMode.CreateNew, FileAccess.ReadWrite);
                RandomAccess.Write(file, data.AsSpan(j * 1000, 1 + (j * 100)), 0);
                if (j % 5 == 0)
                    RandomAccess.FlushToDisk(file);
            }
        });
        live.KillAndMount();
        Parallel.For(0, 8, i =>
        {
            Assert.True(File.ReadAllBytes(live[$"d{i}/f15"]).AsSpan().SequenceEqual(data.AsSpan(15_000, 1501)));
        });
        live.Unmount();
    }

    static Process StartOnFirst(string program, string argument)
    {
        string[] command = MountAbility.HasProgram("taskset") ? ["taskset", "-c", "0", program, argument] : [program, argument];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
    }

    static string End(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
    }

    // Whatever fails, fails: it is the end that is on trial, and that each call comes back.
    static void UseUntil(SampleMount sample, string name, CancellationToken ended)
    {
        var page = new byte[100_000];
        for (var round = 0; !ended.IsCancellationRequested; round++)
        {
            try
            {
                using var file = File.OpenHandle(sample["big"]);
                RandomAccess.Read(file, page, round % 900_000);
                using var own = File.OpenHandle(sample[name], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                RandomAccess.Write(own, page, round);
            }
            catch (Exception fault) when (fault is IOException or OperationCanceledException)
            {
                // The latter is what ECANCELED looks like, which the kernel gives for what waits in a ring that goes.
                return;
            }
        }
    }
}
