using System.Diagnostics;
using System.Text;
using Vt.Posix;
using Vt.Posix.Mounts;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Fuse;

/// <summary>The session under a real kernel; the server is another process, as a mount must not be used by its own.</summary>
[Collection(IoUringSwitch.Collection)]
public sealed class FuseSessionTests
{
    public static TheoryData<string> Transports => IoUringSwitch.Transports;

    [MountFact]
    public void A_caller_that_gets_a_signal_goes_on_waiting_where_only_kills_interrupt_until_it_is_killed()
    {
        using var sample = SampleMount.Start("--only-kills");
        using var reader = Process.Start(new ProcessStartInfo("/usr/bin/perl", ["-e", "$SIG{USR1} = sub {}; open(F, '<', $ARGV[0]); sysread(F, $_, 10)", sample["stuck"]]) { WorkingDirectory = "/" })!;
        Assert.Equal("stuck", sample.Mount.ReadLine());
        sample.Mount.Signal("USR1", reader);
        Assert.False(reader.WaitForExit(TimeSpan.FromSeconds(1)));
        sample.Mount.Signal("TERM", reader);
        Assert.True(reader.WaitForExit(TimeSpan.FromSeconds(30)));
        sample.Mount.Stop();
    }

    [MountTheory]
    [InlineData("1", false)]
    [InlineData("2", false)]
    [InlineData("2", true)]
    [InlineData("16", false)]
    [InlineData("16", true)]
    public void Many_readers_of_a_mount_see_what_is_there(string threads, bool clones)
    {
        string[] arguments = ["--threads", threads, "--files", "2000", "--uncached", "--io-uring", "off"];
        SeeAll(clones ? [.. arguments, "--clone"] : arguments);
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void All_transports_show_many_readers_what_is_there(string transport) => SeeAll("--files", "2000", "--uncached", "--io-uring", transport);

    static void SeeAll(params string[] arguments)
    {
        using var sample = SampleMount.Start(arguments);

        var names = Enumerable.Range(0, 2000).Select(i => $"file{i:d6}").ToArray();
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, worker =>
        {
            for (var i = worker; i < names.Length; i += 16)
                Assert.Equal($"{i}\n", File.ReadAllText(sample["many/" + names[i]]));
            Assert.Equal(names, Directory.EnumerateFiles(sample["many"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Throws<FileNotFoundException>(() => File.ReadAllText(sample["many/absent" + worker]));
        });
        Assert.Equal(2002, RealMount.Run("ls", "-a", sample["many"]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        sample.Mount.Stop();
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void Large_files_arrive_whole(string transport)
    {
        ReadLarge("--size", "20000003", "--io-uring", transport);
        ReadLarge("--size", "20000003", "--io-uring", transport, "--defer");
    }

    static void ReadLarge(params string[] arguments)
    {
        const int size = 20_000_003;
        using var sample = SampleMount.Start(arguments);
        var data = File.ReadAllBytes(sample["big"]);
        Assert.Equal(size, data.Length);
        for (var i = 0; i < size; i++)
        {
            if (data[i] != (byte)(i * 31 + (i >> 8)))
                Assert.Fail($"byte {i} differs");
        }

        using (var file = File.OpenHandle(sample["big"]))
        {
            var part = new byte[10_000];
            Parallel.For(0, 200, i =>
            {
                var mine = new byte[10_000];
                var offset = i * 99_991L;
                RandomAccess.Read(file, mine, offset);
                Assert.True(mine.AsSpan().SequenceEqual(data.AsSpan((int)offset, mine.Length)));
            });
            Assert.Equal(3, RandomAccess.Read(file, part, size - 3));
            Assert.Equal(0, RandomAccess.Read(file, part, size + 100));
        }

        sample.Mount.Stop();
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void Programs_can_make_change_and_remove_things(string transport)
    {
        using var sample = SampleMount.Start("--io-uring", transport);
        var script = """
            set -e; cd "$1"
            mkdir d; echo one > d/f; ln d/f d/g; mv d/f d/h; ln -s h d/s; mkfifo d/p
            test "$(cat d/s)" = one; test "$(stat -c %h d/h)" = 2; test "$(readlink d/s)" = h; test -p d/p
            echo two >> d/h; test "$(cat d/g | tr '\n' ,)" = one,two,; truncate -s 3 d/g; test "$(cat d/h)" = one
            chmod 751 d/h; test "$(stat -c %a d/h)" = 751
            touch -d '2020-02-02 02:02:02.123456789 UTC' d/h; test "$(stat -c %.9Y d/h)" = 1580608922.123456789
            dd if=/dev/zero of=d/z bs=1M count=5 2> /dev/null; test "$(stat -c %s d/z)" = 5242880; cmp -n 5242880 d/z /dev/zero
            mv -T d e; rm -r e; test ! -e e
            ! rmdir many 2> /dev/null; ! mkdir many 2> /dev/null
            n=$(printf 'x%.0s' $(seq 256)); ! touch $n 2> /dev/null
            stat -f . > /dev/null; sync -f hello.txt
            """;
        var (exitCode, _, errors) = RealMount.Run("sh", "-c", script, "sh", sample.Mount.MountPoint);
        Assert.True(exitCode == 0, errors);
        sample.Mount.Stop();
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void Names_are_bytes(string transport)
    {
        using var sample = SampleMount.Start("--io-uring", transport);
        byte[] name = [.. Encoding.ASCII.GetBytes(sample.Mount.MountPoint + "/"), 0xff, 0xfe, (byte)'\n', (byte)'x'];
        PosixFile.Open(name, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0x1a4).Dispose();
        Assert.Contains("\u00ff\u00fe\nx", RealMount.Run("ls", "-N", sample.Mount.MountPoint).Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// Waits until the server has taken the RELEASE of what was closed: nobody waits for its answer, and an unmount drops those that are still queued. The
    /// queue is served in order, so whatever is asked and answered now comes after it.
    /// </summary>
    static void AwaitReleases(SampleMount sample) => Assert.True(new DriveInfo(sample.Mount.MountPoint).TotalSize >= 0);

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void A_signal_unmounts_and_ends_well(string transport)
    {
        EndBy("TERM", transport);
        EndBy("INT", transport);
    }

    static void EndBy(string signal, string transport)
    {
        using var sample = SampleMount.Start("--io-uring", transport);
        Assert.Equal("Hello, mount.\n", File.ReadAllText(sample["hello.txt"]));
        AwaitReleases(sample);
        sample.Mount.Signal(signal);
        Assert.Equal(0, sample.Mount.AwaitExit());
        Assert.Null(sample.Mount.Entry);
        Assert.Matches("^ended ENODEV lookups=[0-9]+ opens=0$", sample.Mount.ReadLine());
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void An_umount_from_outside_ends_the_server_well(string transport)
    {
        using var sample = SampleMount.Start("--io-uring", transport);
        Assert.Equal(Errno.OK, MountCalls.TryUnmount(sample.Mount.MountPoint, UnmountFlags.None));
        Assert.Equal(0, sample.Mount.AwaitExit());
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void A_mount_that_stays_in_use_is_cut_off_when_patience_is_over(string transport)
    {
        using var sample = SampleMount.Start("--patience", "1", "--io-uring", transport);
        using var user = Process.Start(new ProcessStartInfo("sleep", "60") { WorkingDirectory = sample.Mount.MountPoint })!;
        try
        {
            sample.Mount.Signal("TERM");
            // 0: the connection was cut (where fusectl is mounted); 3: the process ended with it.
            Assert.Contains(sample.Mount.AwaitExit(), new[] { 0, 3 });
            Assert.Null(sample.Mount.Entry);
            Assert.False(user.HasExited);
            Assert.NotEqual(0, RealMount.Run("ls", $"/proc/{user.Id}/cwd/many").ExitCode);
        }
        finally
        {
            user.Kill();
            user.WaitForExit();
        }
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void The_mount_of_a_killed_server_gives_way_to_the_next(string transport)
    {
        using var sample = SampleMount.Start("--io-uring", transport);
        sample.Mount.Signal("KILL");
        sample.Mount.AwaitExit();
        Assert.NotNull(sample.Mount.Entry);
        // A ring is taken down a moment after its process, and what is in it just then is given back.
        Assert.Contains(PosixFile.TryStat(sample["hello.txt"], out _), transport == "on" ? [Errno.ENOTCONN, Errno.ECONNABORTED, Errno.ECANCELED] : new[] { Errno.ENOTCONN });

        using var next = SampleMount.StartOn(sample.Mount.MountPoint, "--io-uring", transport);
        Assert.Equal("Hello, mount.\n", File.ReadAllText(sample["hello.txt"]));
        next.Stop();
    }

    [MountFact]
    public void With_auto_unmount_a_killed_server_leaves_no_mount()
    {
        if (!MountAbility.HasProgram("fusermount3"))
            return;
        using var sample = SampleMount.Start("-o", "auto_unmount");
        Assert.Equal("Hello, mount.\n", File.ReadAllText(sample["hello.txt"]));
        sample.Mount.Signal("KILL");
        sample.Mount.AwaitExit();
        sample.Mount.AwaitUnmount();
    }

    [MountFact]
    public void A_mount_by_the_helper_ends_as_well_as_any()
    {
        if (!MountAbility.HasProgram("fusermount3"))
            return;
        using var sample = SampleMount.Start("-o", "auto_unmount,fsname=a\\,b");
        Assert.Equal("a,b", sample.Mount.Entry!.Source);
        sample.Mount.Stop();
    }

    [MountFact]
    public void The_mount_table_shows_what_was_asked_for()
    {
        using var sample = SampleMount.Start("-o", "ro,nosuid,noexec,allow_other,default_permissions,fsname=my store");
        var entry = sample.Mount.Entry!;
        Assert.Equal("fuse.vt-test", entry.Type);
        Assert.Equal("my store", entry.Source);
        Assert.Contains("ro,nosuid", entry.Options, StringComparison.Ordinal);
        Assert.Contains("noexec", entry.Options, StringComparison.Ordinal);
        Assert.Contains("allow_other", entry.SuperOptions, StringComparison.Ordinal);
        Assert.Contains("default_permissions", entry.SuperOptions, StringComparison.Ordinal);
        Assert.Equal(Errno.EROFS, PosixFile.TryOpen(sample["new"], OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0x1a4, out _));
        sample.Mount.Stop();
    }

    [MountFact]
    public void A_wrong_option_is_named_and_nothing_is_mounted()
    {
        var folder = Directory.CreateTempSubdirectory("vt-mount-").FullName;
        var (exitCode, _, errors) = RealMount.Run(SampleMount.Program, "-o", "sparkle", folder);
        Assert.Equal(1, exitCode);
        Assert.Contains("\"sparkle\"", errors, StringComparison.Ordinal);
        Assert.Null(MountTable.FindTop(folder));
        Directory.Delete(folder);
    }

    [MountFact]
    public void A_mountpoint_that_is_absent_or_no_folder_is_named()
    {
        var (exitCode, _, errors) = RealMount.Run(SampleMount.Program, "/nonexistent/place");
        Assert.Equal(1, exitCode);
        Assert.Contains("/nonexistent/place: No such file or directory", errors, StringComparison.Ordinal);
        (exitCode, _, errors) = RealMount.Run(SampleMount.Program, "/dev/null");
        Assert.Equal(1, exitCode);
        Assert.Contains("Not a directory", errors, StringComparison.Ordinal);
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void A_signal_ends_a_call_that_waits_for_the_server(string transport)
    {
        EndCallBy("INT", transport);
        EndCallBy("KILL", transport);
    }

    static void EndCallBy(string signal, string transport)
    {
        using var sample = SampleMount.Start("--threads", "2", "--io-uring", transport);
        using var reader = Process.Start(new ProcessStartInfo("cat", sample["stuck"]) { RedirectStandardOutput = true })!;
        Assert.Equal("stuck", sample.Mount.ReadLine());
        sample.Mount.Signal(signal, reader);
        Assert.True(reader.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal("Hello, mount.\n", File.ReadAllText(sample["hello.txt"]));
        AwaitReleases(sample);
        sample.Mount.Stop();
        Assert.Matches("^ended ENODEV lookups=[0-9]+ opens=0$", sample.Mount.ReadLine());
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void A_handler_that_fails_makes_an_input_output_error_and_nothing_else_suffers(string transport)
    {
        using var sample = SampleMount.Start("--io-uring", transport);
        Assert.Equal(1, RealMount.Run("cat", sample["broken"]).ExitCode);
        Assert.Equal("Hello, mount.\n", File.ReadAllText(sample["hello.txt"]));
        Assert.Equal(100_000, File.ReadAllBytes(sample["later"]).Length);
        sample.Mount.Stop();
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void The_kernel_keeps_what_it_knows_until_it_is_told_of_a_change(string transport)
    {
        using var sample = SampleMount.Start("--io-uring", transport);
        Assert.Equal("Hello, mount.\n", File.ReadAllText(sample["hello.txt"]));
        Assert.False(File.Exists(sample["new"]));
        Assert.True(File.Exists(sample["later"]));

        sample.Mount.Signal("HUP");

        Assert.Equal("changed OK OK OK ENOENT", sample.Mount.ReadLine());
        Assert.Equal("Changed behind your back.\n", File.ReadAllText(sample["hello.txt"]));
        Assert.True(File.Exists(sample["new"]));
        Assert.False(File.Exists(sample["later"]));
        sample.Mount.Stop();
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void Readers_are_added_while_handlers_block(string transport)
    {
        using var sample = SampleMount.Start("--threads", "1", "--io-uring", transport);
        var blocked = Enumerable.Range(0, 5).Select(_ => Task.Run(() => File.ReadAllText(sample["gate"]))).ToArray();
        foreach (var _ in blocked)
            Assert.Equal("gate", sample.Mount.ReadLine());
        Assert.Equal("Hello, mount.\n", File.ReadAllText(sample["hello.txt"]));

        Directory.CreateDirectory(sample["key"]);

        Assert.All(blocked, read => Assert.Equal("open\n", read.Result));
        sample.Mount.Stop();
    }

    [MountTheory]
    [MemberData(nameof(Transports))]
    public void One_processor_is_enough(string transport)
    {
        var folder = Directory.CreateTempSubdirectory("vt-mount-").FullName;
        using (var mount = RealMount.Start("env", ["DOTNET_PROCESSOR_COUNT=1", SampleMount.Program, "--defer", "--io-uring", transport, folder], folder))
        {
            Assert.Equal("mounted", mount.ReadLine());
            Parallel.For(0, 4, _ => Assert.Equal(1 << 20, File.ReadAllBytes(Path.Combine(folder, "big")).Length));
            mount.Stop();
        }

        Directory.Delete(folder);
    }

    [MountFact]
    public void The_dead_mount_of_another_filesystem_is_named_and_left_alone()
    {
        if (!MountAbility.HasProgram("bindfs"))
            return;
        var folder = Directory.CreateTempSubdirectory("vt-mount-").FullName;
        using (var other = RealMount.Start("bindfs", ["-f", "/usr", folder], folder))
        {
            other.Signal("KILL");
            other.AwaitExit();
            var (exitCode, _, errors) = RealMount.Run(SampleMount.Program, folder);
            Assert.Equal(1, exitCode);
            Assert.Contains("a dead mount of fuse", errors, StringComparison.Ordinal);
            Assert.NotNull(other.Entry);
        }

        Directory.Delete(folder);
    }

    [UserMountFact]
    public void An_ordinary_user_can_mount()
    {
        using var folder = new TempFolder();
        var mnt = folder.Make("mnt");
        Shell.SucceedAsUser(folder.Path, $"""
            mkfifo said
            '{SampleMount.Program}' '{mnt}' > said &
            exec 3< said
            read -u 3 line
            test "$line" = mounted
            grep ' {mnt} ' /proc/self/mountinfo | grep user_id=$(id -u)
            ls '{mnt}'
            kill -TERM $!
            wait $!
            test "$(grep -c ' {mnt} ' /proc/self/mountinfo || true)" = 0
            """);
    }
}
