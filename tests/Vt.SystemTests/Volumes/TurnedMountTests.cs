using System.Globalization;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>Mounted branches that become other trees while they are used.</summary>
public sealed class TurnedMountTests : IDisposable
{
    const string Everything = "find . -printf '%p %y %m %U %G %s %n %T@ %i %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum; getfattr -R -P -d -m - . 2>/dev/null || true";

    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly string _point;

    public TurnedMountTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Environment["VT_AUTHOR"] = "Ann <ann@example.org>";
        _vt.Succeed("init");
        _vt.Succeed("volume", "init", "frob");
        _point = _folder.Make("mnt");
    }

    public void Dispose() => _folder.Dispose();

    [MountFact]
    public void A_reset_under_a_mount_gives_back_exactly_what_was_committed()
    {
        using var mount = Mount("frob");
        Shell.Succeed(
            $"cp -a /etc/apt '{_point}/'; echo x > '{_point}/one'; ln '{_point}/one' '{_point}/apt/two'; setfattr -n user.a -v b '{_point}/apt'; chmod 750 '{_point}'; chown 999:999 '{_point}'; mkfifo '{_point}/fifo'; ln -s nowhere '{_point}/link'");
        _vt.Succeed("commit", "-m", "good");
        var before = See();
        for (var round = 0; round < 2; round++)
        {
            Shell.Succeed(
                $"rm -rf '{_point}/apt/two' '{_point}/fifo' '{_point}/link'; mkdir '{_point}/link' '{_point}/new'; echo bad > '{_point}/one'; touch '{_point}/apt/more'; setfattr -x user.a '{_point}/apt'; chmod 777 '{_point}'; chown 0:0 '{_point}'; mv '{_point}/apt/apt.conf.d' '{_point}/new/'; stat '{_point}/none' || true");
            Assert.NotEqual(before, See());
            _vt.Succeed("-q", "reset", "--hard", "HEAD");
            Assert.Equal(before, See());
            Assert.Equal("", _vt.Succeed("status"));
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
        Shell.Succeed($"cd '{_point}'; mkdir shared only; echo main > shared/file; echo same > shared/same; echo main > only/file");
        _vt.Succeed("commit", "-m", "main's");
        _vt.Succeed("checkout", "-b", "alpha");
        Shell.Succeed($"cd '{_point}'; rm -r only; echo alpha > shared/file; echo alpha > shared/more");
        Assert.Equal("alpha\n", File.ReadAllText($"{_point}/shared/file"));

        // Not committed: it stays with its branch.
        _vt.Succeed("checkout", "main");
        Assert.Equal("main\n", File.ReadAllText($"{_point}/shared/file"));
        Assert.Equal(["file", "same"], Names("shared"));
        Assert.Equal(["only", "shared"], Names(""));
        _vt.Succeed("checkout", "alpha");
        Assert.Equal(["file", "more", "same"], Names("shared"));
        Assert.Equal(["shared"], Names(""));
        Assert.Equal("alpha\n", File.ReadAllText($"{_point}/shared/more"));
        _vt.Succeed("commit", "-m", "alpha's");

        var pinned = _folder.Make("pinned");
        using var other = RealMount.Start("/usr/bin/env", Arguments("frob@main", pinned), pinned);
        Assert.Equal("main\n", File.ReadAllText($"{pinned}/shared/file"));
        var refused = _vt.Run("checkout", "main");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("mounted elsewhere", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("alpha\n", File.ReadAllText($"{_point}/shared/file"));
        Assert.Contains("* alpha", _vt.Succeed("branch"), StringComparison.Ordinal);
        _vt.Succeed("-q", "reset", "--hard", "-b", "main", "HEAD^");
        Assert.Empty(Directory.GetFileSystemEntries(pinned));
        Assert.Equal("alpha\n", File.ReadAllText($"{_point}/shared/file"));
        Shell.Succeed($"umount '{pinned}'");
        Assert.True(other.AwaitExit() == 0, other.Errors);
        _vt.Succeed("checkout", "main");
        Assert.Empty(Names(""));
        Unmount(mount);
    }

    [MountFact]
    public void Who_works_in_a_folder_or_reads_a_file_goes_on_there()
    {
        using var mount = Mount("frob");
        Shell.Succeed($"cd '{_point}'; mkdir -p a/b; echo one > a/b/changes; echo stays > a/b/stays; echo one > a/b/goes");
        _vt.Succeed("commit", "-m", "one");
        Shell.Succeed($"cd '{_point}'; echo other > a/b/changes; rm a/b/goes; ls -laR > /dev/null");
        _vt.Succeed("commit", "-m", "two");
        var script = $"""
            cd '{_point}/a/b'; exec 3< changes 4< stays; stat goes 2>&1 | grep -c 'No such'
            {_vt.Line("-q", "reset", "--hard", "HEAD^")}
            pwd; ls; cat changes goes; cat <&3; cat <&4
            {_vt.Line("-q", "undo", "--hard")}
            ls; cat changes; ls ../b
            """;
        Assert.Equal($"1\n{_point}/a/b\nchanges\ngoes\nstays\none\none\nother\nstays\nchanges\nstays\nother\nchanges\nstays", Shell.Succeed(script));
        Unmount(mount);
    }

    [MountFact]
    public void Where_a_file_is_open_for_writing_nothing_is_done_unless_it_is_forced()
    {
        using var mount = Mount("frob");
        File.WriteAllText($"{_point}/file", "one");
        _vt.Succeed("commit", "-m", "one");
        File.WriteAllText($"{_point}/file", "two");
        using (var open = new FileStream($"{_point}/file", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            foreach (var command in new string[][] { ["reset", "--hard", "HEAD"], ["checkout", "-b", "other"] })
            {
                var refused = _vt.Run(command);
                Assert.Equal(1, refused.ExitCode);
                Assert.Contains("frob", refused.Errors, StringComparison.Ordinal);
                Assert.Contains($"({Environment.ProcessId}) has {_point}/file open for writing", refused.Errors, StringComparison.Ordinal);
                Assert.Equal("two", File.ReadAllText($"{_point}/file"));
            }

            Assert.DoesNotContain("other", _vt.Succeed("branch"), StringComparison.Ordinal);
            _vt.Succeed("-q", "reset", "-f", "--hard", "HEAD");
            open.Write("lost"u8);
            open.Flush();
            Assert.Equal("one", File.ReadAllText($"{_point}/file"));
        }

        Assert.Equal("one", File.ReadAllText($"{_point}/file"));
        File.WriteAllText($"{_point}/file", "mapped before");
        using (var map = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile($"{_point}/file", FileMode.Open))
        using (var view = map.CreateViewAccessor())
        {
            view.Write(0, (byte)'M');
            Assert.Equal(1, _vt.Run("reset", "--hard", "HEAD").ExitCode);

            // A commit has what was written through the map.
            _vt.Succeed("commit", "-m", "mapped");
        }

        Assert.Equal("Mapped before", _vt.Succeed("cat", "HEAD/file"));
        Unmount(mount);
    }

    [MountFact]
    public void Nothing_that_is_made_while_branches_are_switched_is_lost()
    {
        const int Least = 300;
        using var mount = Mount("frob");
        _vt.Succeed("branch", "other");
        using var stop = new CancellationTokenSource();
        var made = new int[2];
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested || i < Least; i++)
            {
                File.CreateSymbolicLink($"{_point}/w{writer}-{i}", i.ToString(CultureInfo.InvariantCulture));
                made[writer] = i + 1;
            }
        })).ToArray();
        for (var i = 0; i < 12; i++)
            _vt.Succeed("checkout", i % 2 == 0 ? "other" : "main");
        stop.Cancel();
        Task.WaitAll(writers);
        var found = new HashSet<string>(Names(""));
        _vt.Succeed("checkout", "other");
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
        File.WriteAllText($"{_point}/base", "base");
        _vt.Succeed("commit", "-m", "base");
        _vt.Succeed("checkout", "-b", "side");
        File.WriteAllText($"{_point}/side", "side's");
        var side = _vt.Succeed("commit", "-m", "side's").Trim();
        File.WriteAllText($"{_point}/side", "more");
        _vt.Succeed("commit", "-m", "more");
        _vt.Succeed("checkout", "main");
        File.WriteAllText($"{_point}/main", "main's");
        var refused = _vt.Run("merge", "side");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("not committed", refused.Errors, StringComparison.Ordinal);
        _vt.Succeed("commit", "-m", "main's");
        _vt.Succeed("cherry-pick", side);
        Assert.Equal("side's", File.ReadAllText($"{_point}/side"));
        _vt.Succeed("revert", "HEAD");
        Assert.Equal(["base", "main"], Names(""));
        _vt.Succeed("-q", "undo", "--hard");
        _vt.Succeed("-q", "undo", "--hard");
        Assert.Equal("", _vt.Succeed("status"));
        _vt.Succeed("-q", "reset", "--hard", "HEAD");
        _vt.Succeed("-q", "reset", "--hard", "main~1");
        File.WriteAllText($"{_point}/side", "main's own");
        _vt.Succeed("commit", "-m", "clash");
        var conflict = _vt.Run("merge", "side");
        Assert.Equal(3, conflict.ExitCode);
        Assert.Equal(2, Names("").Count(static name => name.StartsWith("side", StringComparison.Ordinal)));
        _vt.Succeed("commit", "-m", "settled");
        Assert.Equal("", _vt.Succeed("status"));
        Unmount(mount);
    }

    [MountFact]
    public void A_killed_checkout_was_made_or_not_and_the_mount_says_which()
    {
        using var mount = Mount("frob");
        File.WriteAllText($"{_point}/file", "main");
        _vt.Succeed("commit", "-m", "main");
        _vt.Succeed("branch", "side");
        var (from, to) = ("main", "side");
        for (var boundary = 1; ; boundary += 2)
        {
            File.WriteAllText($"{_point}/of-{from}", "not committed");
            _vt.Environment["VT_FAULT"] = $"kill:{boundary}";
            var completed = _vt.Run("checkout", to);
            _vt.Environment.Remove("VT_FAULT");
            Assert.Contains(completed.ExitCode, new[] { 0, 137 });
            var head = _vt.Succeed("branch").Split('\n').Single(static line => line.StartsWith("* ", StringComparison.Ordinal))[2..].Split(' ')[0];
            Assert.Contains(head, new[] { from, to });
            Assert.True(File.Exists($"{_point}/of-{from}") == (head == from), $"at boundary {boundary} HEAD is {head}");
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
        File.WriteAllText($"{_point}/file", "one");
        var one = _vt.Succeed("commit", "-m", "one").Trim();
        File.WriteAllText($"{_point}/file", "two");
        var two = _vt.Succeed("commit", "-m", "two").Trim();
        for (var boundary = 1; ; boundary += 2)
        {
            File.WriteAllText($"{_point}/file", "dirty");
            _vt.Environment["VT_FAULT"] = $"kill:{boundary}";
            var completed = _vt.Run("-q", "reset", "--hard", "HEAD^");
            _vt.Environment.Remove("VT_FAULT");
            Assert.Contains(completed.ExitCode, new[] { 0, 137 });
            File.WriteAllText($"{_point}/later", "made");
            _vt.Run("status");
            var head = _vt.Succeed("show", "--json", "HEAD").Contains(one, StringComparison.Ordinal) && !_vt.Succeed("log", "--oneline").Contains(" two", StringComparison.Ordinal) ? one : two;
            Assert.Equal(head == one ? "one" : "dirty", File.ReadAllText($"{_point}/file"));
            Assert.Equal("made", File.ReadAllText($"{_point}/later"));
            if (completed.ExitCode == 0)
            {
                Assert.Equal(one, head);
                Assert.True(boundary > 6, $"only {boundary} boundaries");
                break;
            }

            _vt.Succeed("-q", "reset", "--hard", two);
            Assert.False(File.Exists($"{_point}/later"));
        }

        Unmount(mount);
    }

    [MountFact]
    public void Only_root_and_whose_mount_it_is_change_its_tree()
    {
        using var mount = Mount("frob", "-o", "allow_other");
        var user = Shell.Run($"setpriv --reuid 65534 --regid 65534 --clear-groups setfattr -n x-vt-archive -v x '{_point}'");
        Assert.NotEqual(0, user.ExitCode);
        Assert.NotEqual(0, Shell.Run($"setpriv --reuid 65534 --regid 65534 --clear-groups getfattr -n x-vt-archive '{_point}'").ExitCode);
        var archive = Shell.Succeed($"getfattr --only-values -n x-vt-archive '{_point}'");
        Assert.EndsWith("/main.vt", archive, StringComparison.Ordinal);
        Assert.Contains("Invalid argument", Shell.Run($"setfattr -n x-vt-archive -v nonsense '{_point}'").Output + Shell.Run($"setfattr -n x-vt-archive -v nonsense '{_point}' 2>&1").Output, StringComparison.Ordinal);
        Unmount(mount);
    }

    string See() => Shell.Succeed($"cd '{_point}'; {Everything}");

    string[] Names(string folder) => [.. Directory.GetFileSystemEntries(Path.Combine(_point, folder)).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    string[] Arguments(string special, string point, params string[] options) =>
        [$"HOME={_folder["home"]}", $"VT_CONFIG={_folder["home"]}/vtrc", $"VT_STORE={_vt.Store}", VtCommand.Executable, "-q", "mount", special, point, .. options, "-o", "commit=3600"];

    RealMount Mount(string special, params string[] options) => RealMount.Start("/usr/bin/env", Arguments(special, _point, options), _point);

    void Unmount(RealMount mount)
    {
        Shell.Succeed($"umount '{_point}'");
        Assert.True(mount.AwaitExit() == 0, mount.Errors);
    }
}
