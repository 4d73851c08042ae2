using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>The versions of what is mounted, under names that no listing shows.</summary>
public sealed class VersionNameTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly string _point;

    public VersionNameTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Environment["VT_AUTHOR"] = "Ann <ann@example.org>";
        _vt.Succeed("init");
        _point = _folder.Make("mnt");
    }

    public void Dispose() => _folder.Dispose();

    [MountFact]
    public void Commits_branches_tags_and_differences_are_folders_of_a_mounted_volume()
    {
        _vt.Succeed("volume", "init", "frob");
        using var mount = Mount("frob");
        Shell.Succeed($"cd '{_point}'; mkdir d same; echo one > d/file; echo gone > d/gone; echo hard > hard; ln hard d/linked; ln -s file d/link; setfattr -n user.a -v 1 d/file; echo same > same/file");
        var one = _vt.Succeed("commit", "-m", "one").Trim();
        Assert.Equal(["d", "hard", "same"], Names(""));
        Assert.Equal(["branches", "commits", "diff", "states", "tags"], Names(".vt"));
        Assert.False(Directory.Exists($"{_point}/.vt/tags/first"));
        Shell.Succeed($"cd '{_point}'; echo two > d/file; rm d/gone; echo new > new; echo more >> hard");
        var two = _vt.Succeed("commit", "-m", "two").Trim();
        _vt.Succeed("tag", "first", one);
        _vt.Succeed("branch", "feature/x", one);

        foreach (var old in new[] { $"commits/{one}", $"commits/{one[..6]}", "commits/HEAD^", "commits/first", "commits/main~1", "tags/first", "branches/feature/x" })
            Assert.Equal("one\ngone\nfile\nhard\n1", Shell.Succeed($"cd '{_point}/.vt/{old}'; cat d/link d/gone; readlink d/link; cat hard; getfattr --only-values -n user.a d/file"));
        Assert.Equal("two\n", File.ReadAllText($"{_point}/.vt/branches/main/d/file"));
        Assert.Contains(one, Names(".vt/commits"));
        Assert.Contains(two, Names(".vt/commits"));
        Assert.Equal(["feature", "main"], Names(".vt/branches"));
        Assert.Equal(["x"], Names(".vt/branches/feature"));

        // Also what was looked at before it was committed.
        File.WriteAllText($"{_point}/d/file", "three\n");
        _vt.Succeed("commit", "-m", "three");
        Assert.Equal("three\n", File.ReadAllText($"{_point}/.vt/branches/main/d/file"));
        Assert.Equal("two\n", File.ReadAllText($"{_point}/.vt/commits/{two}/d/file"));
        Assert.Equal("three\n", File.ReadAllText($"{_point}/.vt/commits/HEAD/d/file"));

        Assert.Equal(["after", "before"], Names($".vt/diff/{one[..8]}..{two[..8]}"));
        Assert.Equal("d d/file d/linked hard new", Shell.Succeed($"cd '{_point}/.vt/diff/{one[..8]}..{two[..8]}/after'; find . -mindepth 1 -printf '%P\\n' | sort | paste -sd' '").Trim());
        Assert.Equal("d d/file d/gone d/linked hard", Shell.Succeed($"cd '{_point}/.vt/diff/{one[..8]}..{two[..8]}/before'; find . -mindepth 1 -printf '%P\\n' | sort | paste -sd' '").Trim());
        Assert.Equal("hard\nmore\n", File.ReadAllText($"{_point}/.vt/diff/first..{two}/after/d/linked"));
        Assert.Equal("two\n", File.ReadAllText($"{_point}/.vt/diff/HEAD^..HEAD/before/d/file"));
        File.WriteAllText($"{_point}/d/file", "four\n");
        _vt.Succeed("commit", "-m", "four");
        Assert.Equal("three\n", File.ReadAllText($"{_point}/.vt/diff/HEAD^..HEAD/before/d/file"));

        // A file of a version is another file than that of now, or who compares them would take both for one.
        Assert.NotEqual("", Shell.Run($"diff -r '{_point}/.vt/commits/{one}' '{_point}'").Output);
        Assert.Contains("new", Shell.Run($"diff -rq '{_point}/.vt/commits/{one}' '{_point}/.vt/commits/{two}'").Output, StringComparison.Ordinal);
        var numbers = Shell.Succeed($"cd '{_point}'; stat -c %i .vt/commits/{one}/hard .vt/commits/{one}/d/linked .vt/commits/{two}/hard hard").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(numbers[0], numbers[1]);
        Assert.Equal(3, numbers.Distinct().Count());
        foreach (var change in new[] { "touch .vt/x", "mkdir .vt/tags/x", "echo x > .vt/commits/HEAD/d/file", "rm .vt/commits/HEAD/d/file", "mv .vt/commits/HEAD/d/file x", "ln .vt/commits/HEAD/d/file x", "chmod 777 .vt/commits/HEAD/d", "setfattr -n user.x -v y .vt/commits/HEAD/d", "rmdir .vt/diff", "mkdir .vt" })
            Assert.NotEqual(0, Shell.Run($"cd '{_point}' && {change}").ExitCode);
        Shell.Succeed($"cp -a '{_point}/.vt/commits/{one}/d/gone' '{_point}/d/gone'; cmp '{_point}/d/gone' '{_point}/.vt/tags/first/d/gone'");
        Assert.Empty(Shell.Succeed($"cd '{_point}'; find . -name .vt").Trim());
        foreach (var missing in new[] { "commits/nothing", "commits/HEAD~99", "diff/HEAD", "diff/a..b", "branches/no", "commits/other@HEAD" })
            Assert.False(Directory.Exists($"{_point}/.vt/{missing}"), missing);
        Unmount(mount);

        using var old2 = Mount($"frob@{one}", "-r");
        Assert.Equal("two\n", File.ReadAllText($"{_point}/.vt/commits/{two}/d/file"));
        Assert.Equal(["branches", "commits", "diff", "tags"], Names(".vt"));
        _vt.Succeed("tag", "later", two);
        Assert.Equal(["first", "later"], Names(".vt/tags"));
        Assert.Equal("one\n", File.ReadAllText($"{_point}/d/file"));
        Unmount(old2);
        foreach (var options in new string[][] { ["-r"], ["-o", "fork"] })
        {
            using var part = Mount($"frob@{one}/d", options);
            Assert.False(Directory.Exists($"{_point}/.vt"));
            Unmount(part);
        }

        using var fork = Mount($"frob@{one}", "-o", "fork");
        Assert.Equal("two\n", File.ReadAllText($"{_point}/.vt/commits/{two}/d/file"));
        Unmount(fork);
    }

    [MountFact]
    public void A_mounted_archive_has_its_states()
    {
        var archive = _folder["a.vt"];
        using (var mount = Mount(archive))
        {
            File.WriteAllText($"{_point}/file", "one");
            _vt.Succeed("sync", _point);
            var state = Assert.Single(Names(".vt/states"), state => File.Exists($"{_point}/.vt/states/{state}/file"));
            File.WriteAllText($"{_point}/file", "two");
            Assert.Equal("one", File.ReadAllText($"{_point}/.vt/states/{state}/file"));
            Assert.Equal(["states"], Names(".vt"));
            Unmount(mount);
        }

        using (var stored = Mount(archive, "-r"))
        {
            Assert.Equal("two", File.ReadAllText($"{_point}/.vt/states/{TimeProvider.System.GetUtcNow().AddDays(1):yyyy-MM-dd}/file"));
            Assert.False(Directory.Exists($"{_point}/.vt/states/1999-01-01"));
            Unmount(stored);
        }

        using (var mount = Mount(archive))
        {
            // One's own entry of that name counts.
            Shell.Succeed($"mkdir '{_point}/part'; echo mine > '{_point}/part/file'");
            Unmount(mount);
        }

        _vt.Succeed("-q", "import", Own(), _folder["own.vt"]);
        using (var own = Mount(_folder["own.vt"]))
        {
            Assert.Equal("mine", File.ReadAllText($"{_point}/.vt/file"));
            Unmount(own);
        }

        using var part = Mount(archive + "/part");
        Assert.False(Directory.Exists($"{_point}/.vt"));
        Unmount(part);
    }

    string Own()
    {
        Directory.CreateDirectory(_folder["own/.vt"]);
        File.WriteAllText(_folder["own/.vt/file"], "mine");
        return _folder["own"];
    }

    string[] Names(string folder) => [.. Directory.GetFileSystemEntries(Path.Combine(_point, folder)).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    RealMount Mount(string special, params string[] options) => RealMount.Start(
        "/usr/bin/env",
        [$"HOME={_folder["home"]}", $"VT_CONFIG={_folder["home"]}/vtrc", $"VT_STORE={_vt.Store}", VtCommand.Executable, "-q", "mount", special, _point, .. options, .. options.Contains("-r") ? Array.Empty<string>() : ["-o", "commit=3600"]],
        _point);

    void Unmount(RealMount mount)
    {
        Shell.Succeed($"umount '{_point}'");
        Assert.True(mount.AwaitExit() == 0, mount.Errors);
    }
}
