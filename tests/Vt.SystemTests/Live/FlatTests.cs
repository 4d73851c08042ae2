using System.Text.Json;
using Vt.Posix;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>vt flat, and the kernel reading flat copies by itself.</summary>
public sealed class FlatTests
{
    const string Strict = "set -e -o pipefail; refuse() { if \"$@\" 2> ../refused; then echo \"not refused: $*\"; exit 1; fi; }\n"
        + "passed() { getfattr --only-values -n x-vt-status . | grep -o '\"passthrough_files\":[0-9]*' | cut -d: -f2; }\n";

    [MountFact]
    public void A_file_with_a_flat_copy_is_read_from_it_and_stays_right_whatever_becomes_of_it()
    {
        using var mount = new LiveMount();
        mount.Run("head -c 9000000 /dev/urandom > a; truncate -s 20M a; echo end >> a; cp a ../a; echo small > b");
        Assert.Contains("kept 1 flat copy, 20.0 MiB", Said(mount, "flat", mount["a"], mount["b"]), StringComparison.Ordinal);
        mount.Remount();
        mount.Run(Strict + "cmp a ../a; getfattr -n x-vt-flat a > /dev/null; refuse getfattr -n x-vt-flat b; test \"$(cat b)\" = small");
        Assert.InRange(Number(mount, "flat_reads"), 1, long.MaxValue);

        // A part is written; the rest still comes from the copy.
        mount.Run(Strict + "cp a other; for f in a ../a; do printf new | dd of=$f bs=1 seek=5000000 conv=notrunc status=none; done; cmp a ../a; refuse getfattr -n x-vt-flat a");
        mount.Remount();
        mount.Run(Strict + "cmp a ../a; getfattr -n x-vt-flat other > /dev/null; refuse cmp a other");
        mount.KillAndMount();
        mount.Run("cmp a ../a; rm a; cmp -n 5000000 other ../a");
        Assert.Contains("deleted 1 flat copy", Said(mount, "flat", "-d", mount["other"]), StringComparison.Ordinal);
        Assert.Contains("deleted 0 flat copies", Said(mount, "flat", "-d", mount["other"]), StringComparison.Ordinal);
        Assert.Equal(0, Number(mount, "flat_copies"));
        Assert.Empty(Directory.GetFiles($"{mount.Archive}.live/flat"));
    }

    [MountFact]
    public void What_can_have_no_flat_copy_says_why()
    {
        using var mount = new LiveMount("commit=3600,flat_cache=1M,exclude=/local");
        mount.Run("head -c 2000000 /dev/urandom > a; mkdir d; echo x > local");
        File.WriteAllText(mount.Folder["outside"], "x");
        foreach (var (file, why) in new[]
        {
            (mount["a"], "mount with a larger flat_cache=SIZE"),
            (mount["d"], "that is no file"),
            (mount["local"], "plain files already"),
            (mount["missing"], "no such file"),
            (mount.Folder["outside"], "not in a live mount"),
        })
        {
            var refused = mount.Vt.Run("flat", file);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(why, Assert.Single(refused.Errors.Trim().Split('\n')), StringComparison.Ordinal);
        }

        Assert.Contains("not in a live mount", mount.Vt.Run("flat", "-d", mount.Folder["outside"]).Errors, StringComparison.Ordinal);
        Assert.Equal(2, mount.Vt.Run("flat").ExitCode);
        var refusedMount = mount.Vt.Run("mount", "-r", "-o", "passthrough", mount.Archive, mount.Folder.Make("read"));
        Assert.Equal((1, true), (refusedMount.ExitCode, refusedMount.Errors.Contains("only a mount for writing", StringComparison.Ordinal)));
    }

    [RootFact]
    public void The_kernel_reads_a_flat_copy_by_itself_and_nobody_changes_the_file_meanwhile()
    {
        using var mount = new LiveMount("commit=3600,passthrough");
        mount.Run("head -c 9000000 /dev/urandom > a; cp a ../a");
        Said(mount, "flat", mount["a"]);
        var reads = Reads(mount);
        mount.Run(
            Strict + """
            exec 5< a
            cmp a ../a; cmp - ../a <&5
            python3 -c 'import mmap; f = open("a", "rb"); assert mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)[:] == open("../a", "rb").read()'
            [ $(passed) = 1 ]
            refuse bash -c 'echo x >> a'; grep -q 'Text file busy' ../refused
            refuse truncate -s 0 a; refuse python3 -c 'import os; os.truncate("a", 0)'; refuse setfattr -n x-vt-crop -v '0 1' a
            chmod 600 a; touch a; ln a b; mv a c; rm b; cmp c ../a; exec 6< c; exec 5<&-; cmp - ../a <&6; exec 6<&-
            """);
        Assert.Equal(reads, Reads(mount));

        // Closed, it is a file like any other: at once, and with what it has then.
        mount.Run(Strict + "for i in $(seq 30); do cat c > /dev/null; echo $i >> c; echo $i >> ../a; cmp c ../a; done; truncate -s 1000 c; refuse getfattr -n x-vt-flat c");
        Assert.Equal(0, Number(mount, "passthrough_files"));
        Said(mount, "flat", mount["c"]);

        // Who has it open otherwise keeps it so for all.
        mount.Run(Strict + "exec 5<> c; exec 6< c; [ $(passed) = 0 ]; echo changed >&5; [ \"$(head -1 <&6)\" = changed ]; exec 5<&-; exec 6<&-");
        mount.KillAndMount();
        mount.Run("[ \"$(head -1 c)\" = changed ]; [ $(stat -c %s c) = 1000 ]");
    }

    [RootFact]
    public void Readers_and_writers_of_a_file_that_the_kernel_may_read_by_itself_see_each_others_work()
    {
        const int size = 300_000;
        const int rounds = 30;
        using var mount = new LiveMount("commit=3600,passthrough");
        var path = mount["a"];
        File.WriteAllBytes(path, Bytes(0));
        var newest = 0;
        var passed = 0L;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var bytes = new byte[size];
                while (Volatile.Read(ref newest) < rounds)
                {
                    var least = Volatile.Read(ref newest);
                    using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
                    PosixFile.PreadFully(file, bytes, 0);

                    // A content that is replaced during the read may show from some page on, and nothing older than was there at the open.
                    var most = Volatile.Read(ref newest) + 1;
                    for (var at = 0; at < size; at += 101)
                        Assert.InRange((byte)(bytes[at] - (at % 251)), least, most);
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        var line = $"setfattr -n x-vt-flat -v 1 '{path}'";
        for (var i = 1; i <= rounds; i++)
        {
            // In one piece, so that who reads meanwhile has either.
            var next = mount[$"next{i % 2}"];
            File.WriteAllBytes(next, Bytes(i));
            if (i % 3 == 0)
                File.Move(next, path, overwrite: true);
            else
                Replace(path, next);
            Volatile.Write(ref newest, i);
            Shell.Succeed(line);
            passed += Number(mount, "passthrough_files");
        }

        Task.WaitAll(readers);
        Assert.InRange(passed, 1, long.MaxValue);

        static byte[] Bytes(int round) => [.. Enumerable.Range(0, size).Select(at => (byte)(round + (at % 251)))];

        // By its reference: refused as long as somebody reads it, which in the end nobody does.
        static void Replace(string path, string next)
        {
            var reference = Shell.Succeed($"getfattr --absolute-names --only-values -n x-vt-block '{next}'");
            Shell.Succeed($"until setfattr -n x-vt-block -v '{reference}' '{path}' 2> /dev/null; do :; done");
        }
    }

    [UserMountFact]
    public void Who_may_not_have_the_kernel_read_by_itself_is_told_and_reads_through_the_server()
    {
        using var folder = new TempFolder();
        var vt = $"env VT_CONFIG={folder["vtrc"]} VT_STORE={folder["store"]} {VtCommand.Executable}";
        File.WriteAllText(folder["vtrc"], "");
        Shell.SucceedAsUser(folder.Path, $"""
            {vt} -q init; mkdir mnt
            {vt} -q mount a.vt mnt -o passthrough -e 'set -e; cd $VT_MNT; head -c 1000000 /dev/urandom > a; {vt} -q flat a; cat a > ../copy; cmp a ../copy; echo more >> a; test $(stat -c %s a) = 1000005' 2> said
            grep -c 'read through the server' said
            """);
    }

    static string Said(LiveMount mount, params string[] arguments)
    {
        var completed = mount.Vt.Run(arguments);
        Assert.True(completed.ExitCode == 0, completed.Errors);
        return completed.Errors;
    }

    static long Number(LiveMount mount, string name)
    {
        using var status = JsonDocument.Parse(mount.Vt.Succeed("status", "--json", mount.Point));
        return status.RootElement.GetProperty(name).GetInt64();
    }

    // How many reads the server was asked for.
    static long Reads(LiveMount mount)
    {
        using var status = JsonDocument.Parse(mount.Vt.Succeed("status", "--json", mount.Point));
        foreach (var operation in status.RootElement.GetProperty("operations").EnumerateArray())
        {
            if (operation.GetProperty("operation").GetString() == "read")
                return operation.GetProperty("count").GetInt64();
        }

        return 0;
    }
}
