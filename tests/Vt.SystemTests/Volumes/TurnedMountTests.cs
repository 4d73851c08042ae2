using System.Globalization;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>Mounted branches that become other trees while they are used.</summary>
public sealed class TurnedMountTests : VolumeBed
{
    const string Everything = "find . -printf '%p %y %m %U %G %s %n %T@ %i %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum; getfattr -R -P -d -m - . 2>/dev/null || true";

    [MountFact]
    public void A_reset_under_a_mount_gives_back_exactly_what_was_committed()
    {
        using var mount = Mount("frob");
        Shell.Succeed(
            $"cp -a /etc/apt '{Point}/'; echo x > '{Point}/one'; ln '{Point}/one' '{Point}/apt/two'; setfattr -n user.a -v b '{Point}/apt'; chmod 750 '{Point}'; chown 999:999 '{Point}'; mkfifo '{Point}/fifo'; ln -s nowhere '{Point}/link'");
        Command.Succeed("commit", "-m", "good");
        var before = See();
        for (var round = 0; round < 2; round++)
        {
            Shell.Succeed(
                $"rm -rf '{Point}/apt/two' '{Point}/fifo' '{Point}/link'; mkdir '{Point}/link' '{Point}/new'; echo bad > '{Point}/one'; touch '{Point}/apt/more'; setfattr -x user.a '{Point}/apt'; chmod 777 '{Point}'; chown 0:0 '{Point}'; mv '{Point}/apt/apt.conf.d' '{Point}/new/'; stat '{Point}/none' || true");
            Assert.NotEqual(before, See());
            Command.Succeed("-q", "reset", "--hard", "HEAD");
            Assert.Equal(before, See());
            Assert.Equal("", Command.Succeed("status"));
        }

        Unmount(mount);
        using var again = Mount("frob");
        Assert.Equal(before, See());
        Unmount(again);
    }

    [MountFact]
    public void A_mount_of_a_volume_follows_what_is_checked_out_and_a_mount_of_a_branch_does_not()
    {
        using var mount = Mount("frob");
        Shell.Succeed($"cd '{Point}'; mkdir shared only; echo main > shared/file; echo same > shared/same; echo main > only/file");
        Command.Succeed("commit", "-m", "main's");
        Command.Succeed("checkout", "-b", "alpha");
        Shell.Succeed($"cd '{Point}'; rm -r only; echo alpha > shared/file; echo alpha > shared/more");
        Assert.Equal("alpha\n", File.ReadAllText($"{Point}/shared/file"));

        // Not committed: it stays with its branch.
        Command.Succeed("checkout", "main");
        Assert.Equal("main\n", File.ReadAllText($"{Point}/shared/file"));
        Assert.Equal(["file", "same"], Names("shared"));
        Assert.Equal(["only", "shared"], Names(""));
        Command.Succeed("checkout", "alpha");
        Assert.Equal(["file", "more", "same"], Names("shared"));
        Assert.Equal(["shared"], Names(""));
        Assert.Equal("alpha\n", File.ReadAllText($"{Point}/shared/more"));
        Command.Succeed("commit", "-m", "alpha's");

        var pinned = Folder.Make("pinned");
        using var other = MountAt(pinned, "frob@main");
        Assert.Equal("main\n", File.ReadAllText($"{pinned}/shared/file"));
        var refused = Command.Run("checkout", "main");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("mounted elsewhere", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("alpha\n", File.ReadAllText($"{Point}/shared/file"));
        Assert.Contains("* alpha", Command.Succeed("branch"), StringComparison.Ordinal);
        Command.Succeed("-q", "reset", "--hard", "-b", "main", "HEAD^");
        Assert.Empty(Directory.GetFileSystemEntries(pinned));
        Assert.Equal("alpha\n", File.ReadAllText($"{Point}/shared/file"));
        Unmount(other, pinned);
        Command.Succeed("checkout", "main");
        Assert.Empty(Names(""));
        Unmount(mount);
    }

    [MountFact]
    public void Who_works_in_a_folder_or_reads_a_file_goes_on_there()
    {
        using var mount = Mount("frob");
        Shell.Succeed($"cd '{Point}'; mkdir -p a/b; echo one > a/b/changes; echo stays > a/b/stays; echo one > a/b/goes");
        Command.Succeed("commit", "-m", "one");
        Shell.Succeed($"cd '{Point}'; echo other > a/b/changes; rm a/b/goes; ls -laR > /dev/null");
        Command.Succeed("commit", "-m", "two");
        var script = $"""
            cd '{Point}/a/b'; exec 3< changes 4< stays; stat goes 2>&1 | grep -c 'No such'
            {Command.Line("-q", "reset", "--hard", "HEAD^")}
            pwd; ls; cat changes goes; cat <&3; cat <&4
            {Command.Line("-q", "undo", "--hard")}
            ls; cat changes; ls ../b
            """;
        Assert.Equal($"1\n{Point}/a/b\nchanges\ngoes\nstays\none\none\nother\nstays\nchanges\nstays\nother\nchanges\nstays", Shell.Succeed(script));
        Unmount(mount);
    }

    [MountFact]
    public void Where_a_file_is_open_for_writing_nothing_is_done_unless_it_is_forced()
    {
        using var mount = Mount("frob");
        File.WriteAllText($"{Point}/file", "one");
        Command.Succeed("commit", "-m", "one");
        File.WriteAllText($"{Point}/file", "two");
        using (var open = new FileStream($"{Point}/file", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            foreach (var command in new string[][] { ["reset", "--hard", "HEAD"], ["checkout", "-b", "other"] })
            {
                var refused = Command.Run(command);
                Assert.Equal(1, refused.ExitCode);
                Assert.Contains("frob", refused.Errors, StringComparison.Ordinal);
                Assert.Contains($"({Environment.ProcessId}) has {Point}/file open for writing", refused.Errors, StringComparison.Ordinal);
                Assert.Equal("two", File.ReadAllText($"{Point}/file"));
            }

            Assert.DoesNotContain("other", Command.Succeed("branch"), StringComparison.Ordinal);
            Command.Succeed("-q", "reset", "-f", "--hard", "HEAD");
            open.Write("lost"u8);
            open.Flush();
            Assert.Equal("one", File.ReadAllText($"{Point}/file"));
        }

        Assert.Equal("one", File.ReadAllText($"{Point}/file"));
        File.WriteAllText($"{Point}/file", "mapped before");
        using (var map = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile($"{Point}/file", FileMode.Open))
        using (var view = map.CreateViewAccessor())
        {
            view.Write(0, (byte)'M');
            Assert.Equal(1, Command.Run("reset", "--hard", "HEAD").ExitCode);

            // A commit has what was written through the map.
            Command.Succeed("commit", "-m", "mapped");
        }

        Assert.Equal("Mapped before", Command.Succeed("cat", "HEAD/file"));
        Unmount(mount);
    }

    [MountFact]
    public void Nothing_that_is_made_while_branches_are_switched_is_lost()
    {
        const int Least = 300;
        using var mount = Mount("frob");
        Command.Succeed("branch", "other");
        using var stop = new CancellationTokenSource();
        var made = new int[2];
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested || i < Least; i++)
            {
                File.CreateSymbolicLink($"{Point}/w{writer}-{i}", i.ToString(CultureInfo.InvariantCulture));
                made[writer] = i + 1;
            }
        })).ToArray();
        for (var i = 0; i < 12; i++)
            Command.Succeed("checkout", i % 2 == 0 ? "other" : "main");
        stop.Cancel();
        Task.WaitAll(writers);
        var found = new HashSet<string>(Names(""));
        Command.Succeed("checkout", "other");
        var others = Names("");
        Assert.NotEmpty(others);
        Assert.DoesNotContain(others, found.Contains);
        found.UnionWith(others);
        Assert.Equal(made[0] + made[1], found.Count);
        Unmount(mount);
    }

    [MountFact]
    public void Merges_reverts_and_picks_reach_the_mount()
    {
        using var mount = Mount("frob");
        File.WriteAllText($"{Point}/base", "base");
        Command.Succeed("commit", "-m", "base");
        Command.Succeed("checkout", "-b", "side");
        File.WriteAllText($"{Point}/side", "side's");
        var side = Command.Succeed("commit", "-m", "side's").Trim();
        File.WriteAllText($"{Point}/side", "more");
        Command.Succeed("commit", "-m", "more");
        Command.Succeed("checkout", "main");
        File.WriteAllText($"{Point}/main", "main's");
        var refused = Command.Run("merge", "side");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("not committed", refused.Errors, StringComparison.Ordinal);
        Command.Succeed("commit", "-m", "main's");
        Command.Succeed("cherry-pick", side);
        Assert.Equal("side's", File.ReadAllText($"{Point}/side"));
        Command.Succeed("revert", "HEAD");
        Assert.Equal(["base", "main"], Names(""));
        Command.Succeed("-q", "undo", "--hard");
        Command.Succeed("-q", "undo", "--hard");
        Assert.Equal("", Command.Succeed("status"));
        Command.Succeed("-q", "reset", "--hard", "HEAD");
        Command.Succeed("-q", "reset", "--hard", "main~1");
        File.WriteAllText($"{Point}/side", "main's own");
        Command.Succeed("commit", "-m", "clash");
        var conflict = Command.Run("merge", "side");
        Assert.Equal(3, conflict.ExitCode);
        Assert.Equal(2, Names("").Count(static name => name.StartsWith("side", StringComparison.Ordinal)));
        Command.Succeed("commit", "-m", "settled");
        Assert.Equal("", Command.Succeed("status"));
        Unmount(mount);
    }

    [MountFact]
    public void A_killed_checkout_was_made_or_not_and_the_mount_says_which()
    {
        using var mount = Mount("frob");
        File.WriteAllText($"{Point}/file", "main");
        Command.Succeed("commit", "-m", "main");
        Command.Succeed("branch", "side");
        var (from, to) = ("main", "side");
        for (var boundary = 1; ; boundary += 2)
        {
            File.WriteAllText($"{Point}/of-{from}", "not committed");
            Command.Environment["VT_FAULT"] = $"kill:{boundary}";
            var completed = Command.Run("checkout", to);
            Command.Environment.Remove("VT_FAULT");
            Assert.Contains(completed.ExitCode, new[] { 0, 137 });
            var head = Command.Succeed("branch").Split('\n').Single(static line => line.StartsWith("* ", StringComparison.Ordinal))[2..].Split(' ')[0];
            Assert.Contains(head, new[] { from, to });
            Assert.True(File.Exists($"{Point}/of-{from}") == (head == from), $"at boundary {boundary} HEAD is {head}");
            if (completed.ExitCode == 0)
            {
                Assert.Equal(to, head);
                Assert.True(boundary > 6, $"only {boundary} boundaries");
                break;
            }

            if (head == to)
                (from, to) = (to, from);
        }

        Unmount(mount);
    }

    [MountFact]
    public void A_killed_reset_of_what_is_mounted_is_done_or_was_not_begun_and_gives_nothing_up_that_is_made_after_it()
    {
        using var mount = Mount("frob");
        File.WriteAllText($"{Point}/file", "one");
        var one = Command.Succeed("commit", "-m", "one").Trim();
        File.WriteAllText($"{Point}/file", "two");
        var two = Command.Succeed("commit", "-m", "two").Trim();
        for (var boundary = 1; ; boundary += 2)
        {
            File.WriteAllText($"{Point}/file", "dirty");
            Command.Environment["VT_FAULT"] = $"kill:{boundary}";
            var completed = Command.Run("-q", "reset", "--hard", "HEAD^");
            Command.Environment.Remove("VT_FAULT");
            Assert.Contains(completed.ExitCode, new[] { 0, 137 });
            File.WriteAllText($"{Point}/later", "made");
            Command.Run("status");
            var head = Command.Succeed("show", "--json", "HEAD").Contains(one, StringComparison.Ordinal) && !Command.Succeed("log", "--oneline").Contains(" two", StringComparison.Ordinal) ? one : two;
            Assert.Equal(head == one ? "one" : "dirty", File.ReadAllText($"{Point}/file"));
            Assert.Equal("made", File.ReadAllText($"{Point}/later"));
            if (completed.ExitCode == 0)
            {
                Assert.Equal(one, head);
                Assert.True(boundary > 6, $"only {boundary} boundaries");
                break;
            }

            Command.Succeed("-q", "reset", "--hard", two);
            Assert.False(File.Exists($"{Point}/later"));
        }

        Unmount(mount);
    }

    [MountFact]
    public void Only_root_and_whose_mount_it_is_change_its_tree()
    {
        using var mount = Mount("frob", "-o", "allow_other");
        var user = Shell.Run($"setpriv --reuid 65534 --regid 65534 --clear-groups setfattr -n x-vt-archive -v x '{Point}'");
        Assert.NotEqual(0, user.ExitCode);
        Assert.NotEqual(0, Shell.Run($"setpriv --reuid 65534 --regid 65534 --clear-groups getfattr -n x-vt-archive '{Point}'").ExitCode);
        var archive = Shell.Succeed($"getfattr --only-values -n x-vt-archive '{Point}'");
        Assert.EndsWith("/main.vt", archive, StringComparison.Ordinal);
        Assert.Contains("Invalid argument", Shell.Run($"setfattr -n x-vt-archive -v nonsense '{Point}'").Output + Shell.Run($"setfattr -n x-vt-archive -v nonsense '{Point}' 2>&1").Output, StringComparison.Ordinal);
        Unmount(mount);
    }

    string See() => Shell.Succeed($"cd '{Point}'; {Everything}");
}
