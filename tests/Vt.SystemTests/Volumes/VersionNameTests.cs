using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>The versions of what is mounted, under names that no listing shows.</summary>
public sealed class VersionNameTests : VolumeBed
{
    [MountFact]
    public void Commits_branches_tags_and_differences_are_folders_of_a_mounted_volume()
    {
        using var mount = Mount("frob");
        Shell.Succeed($"cd '{Point}'; mkdir d same; echo one > d/file; echo gone > d/gone; echo hard > hard; ln hard d/linked; ln -s file d/link; setfattr -n user.a -v 1 d/file; echo same > same/file");
        var one = Command.Succeed("commit", "-m", "one").Trim();
        Assert.Equal(["d", "hard", "same"], Names(""));
        Assert.Equal(["branches", "commits", "diff", "states", "tags"], Names(".vt"));
        Assert.False(Directory.Exists($"{Point}/.vt/tags/first"));
        Shell.Succeed($"cd '{Point}'; echo two > d/file; rm d/gone; echo new > new; echo more >> hard");
        var two = Command.Succeed("commit", "-m", "two").Trim();
        Command.Succeed("tag", "first", one);
        Command.Succeed("branch", "feature/x", one);

        foreach (var old in new[] { $"commits/{one}", $"commits/{one[..6]}", "commits/HEAD^", "commits/first", "commits/main~1", "tags/first", "branches/feature/x" })
            Assert.Equal("one\ngone\nfile\nhard\n1", Shell.Succeed($"cd '{Point}/.vt/{old}'; cat d/link d/gone; readlink d/link; cat hard; getfattr --only-values -n user.a d/file"));
        Assert.Equal("two\n", File.ReadAllText($"{Point}/.vt/branches/main/d/file"));
        Assert.Contains(one, Names(".vt/commits"));
        Assert.Contains(two, Names(".vt/commits"));
        Assert.Equal(["feature", "main"], Names(".vt/branches"));
        Assert.Equal(["x"], Names(".vt/branches/feature"));

        // Also what was looked at before it was committed.
        File.WriteAllText($"{Point}/d/file", "three\n");
        Command.Succeed("commit", "-m", "three");
        Assert.Equal("three\n", File.ReadAllText($"{Point}/.vt/branches/main/d/file"));
        Assert.Equal("two\n", File.ReadAllText($"{Point}/.vt/commits/{two}/d/file"));
        Assert.Equal("three\n", File.ReadAllText($"{Point}/.vt/commits/HEAD/d/file"));

        Assert.Equal(["after", "before"], Names($".vt/diff/{one[..8]}..{two[..8]}"));
        Assert.Equal("d d/file d/linked hard new", Shell.Succeed($"cd '{Point}/.vt/diff/{one[..8]}..{two[..8]}/after'; find . -mindepth 1 -printf '%P\\n' | sort | paste -sd' '").Trim());
        Assert.Equal("d d/file d/gone d/linked hard", Shell.Succeed($"cd '{Point}/.vt/diff/{one[..8]}..{two[..8]}/before'; find . -mindepth 1 -printf '%P\\n' | sort | paste -sd' '").Trim());
        Assert.Equal("hard\nmore\n", File.ReadAllText($"{Point}/.vt/diff/first..{two}/after/d/linked"));
        Assert.Equal("two\n", File.ReadAllText($"{Point}/.vt/diff/HEAD^..HEAD/before/d/file"));
        File.WriteAllText($"{Point}/d/file", "four\n");
        Command.Succeed("commit", "-m", "four");
        Assert.Equal("three\n", File.ReadAllText($"{Point}/.vt/diff/HEAD^..HEAD/before/d/file"));

        // A file of a version is another file than that of now, or who compares them would take both for one.
        Assert.NotEqual("", Shell.Run($"diff -r '{Point}/.vt/commits/{one}' '{Point}'").Output);
        Assert.Contains("new", Shell.Run($"diff -rq '{Point}/.vt/commits/{one}' '{Point}/.vt/commits/{two}'").Output, StringComparison.Ordinal);
        var numbers = Shell.Succeed($"cd '{Point}'; stat -c %i .vt/commits/{one}/hard .vt/commits/{one}/d/linked .vt/commits/{two}/hard hard").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(numbers[0], numbers[1]);
        Assert.Equal(3, numbers.Distinct().Count());
        foreach (var change in new[] { "touch .vt/x", "mkdir .vt/tags/x", "echo x > .vt/commits/HEAD/d/file", "rm .vt/commits/HEAD/d/file", "mv .vt/commits/HEAD/d/file x", "ln .vt/commits/HEAD/d/file x", "chmod 777 .vt/commits/HEAD/d", "setfattr -n user.x -v y .vt/commits/HEAD/d", "rmdir .vt/diff", "mkdir .vt" })
            Assert.NotEqual(0, Shell.Run($"cd '{Point}' && {change}").ExitCode);
        Shell.Succeed($"cp -a '{Point}/.vt/commits/{one}/d/gone' '{Point}/d/gone'; cmp '{Point}/d/gone' '{Point}/.vt/tags/first/d/gone'");
        Assert.Empty(Shell.Succeed($"cd '{Point}'; find . -name .vt").Trim());
        foreach (var missing in new[] { "commits/nothing", "commits/HEAD~99", "diff/HEAD", "diff/a..b", "branches/no", "commits/other@HEAD" })
            Assert.False(Directory.Exists($"{Point}/.vt/{missing}"), missing);
        Unmount(mount);

        using var old2 = Mount($"frob@{one}", "-r");
        Assert.Equal("two\n", File.ReadAllText($"{Point}/.vt/commits/{two}/d/file"));
        Assert.Equal(["branches", "commits", "diff", "tags"], Names(".vt"));
        Command.Succeed("tag", "later", two);
        Assert.Equal(["first", "later"], Names(".vt/tags"));
        Assert.Equal("one\n", File.ReadAllText($"{Point}/d/file"));
        Unmount(old2);
        foreach (var options in new string[][] { ["-r"], ["-o", "fork"] })
        {
            using var part = Mount($"frob@{one}/d", options);
            Assert.False(Directory.Exists($"{Point}/.vt"));
            Unmount(part);
        }

        using var fork = Mount($"frob@{one}", "-o", "fork");
        Assert.Equal("two\n", File.ReadAllText($"{Point}/.vt/commits/{two}/d/file"));
        Unmount(fork);
    }

    [MountFact]
    public void A_mounted_archive_has_its_states()
    {
        var archive = Folder["a.vt"];
        using (var mount = Mount(archive))
        {
            File.WriteAllText($"{Point}/file", "one");
            Command.Succeed("sync", Point);
            var state = Assert.Single(Names(".vt/states"), state => File.Exists($"{Point}/.vt/states/{state}/file"));
            File.WriteAllText($"{Point}/file", "two");
            Assert.Equal("one", File.ReadAllText($"{Point}/.vt/states/{state}/file"));
            Assert.Equal(["states"], Names(".vt"));
            Unmount(mount);
        }

        using (var stored = Mount(archive, "-r"))
        {
            Assert.Equal("two", File.ReadAllText($"{Point}/.vt/states/{TimeProvider.System.GetUtcNow().AddDays(1):yyyy-MM-dd}/file"));
            Assert.False(Directory.Exists($"{Point}/.vt/states/1999-01-01"));
            Unmount(stored);
        }

        using (var mount = Mount(archive))
        {
            // One's own entry of that name counts.
            Shell.Succeed($"mkdir '{Point}/part'; echo mine > '{Point}/part/file'");
            Unmount(mount);
        }

        Command.Succeed("-q", "import", Own(), Folder["own.vt"]);
        using (var own = Mount(Folder["own.vt"]))
        {
            Assert.Equal("mine", File.ReadAllText($"{Point}/.vt/file"));
            Unmount(own);
        }

        using var part = Mount(archive + "/part");
        Assert.False(Directory.Exists($"{Point}/.vt"));
        Unmount(part);
    }

    string Own()
    {
        Directory.CreateDirectory(Folder["own/.vt"]);
        File.WriteAllText(Folder["own/.vt/file"], "mine");
        return Folder["own"];
    }
}
