using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>Branches of volumes that are mounted and worked in.</summary>
public sealed class VolumeMountTests : VolumeBed
{
    [MountFact]
    public void A_mounted_branch_is_committed_without_unmounting()
    {
        using var mount = Mount("frob");
        File.WriteAllText($"{Point}/file", "one");
        var one = Command.Succeed("commit", "-m", "one").Trim();
        File.WriteAllText($"{Point}/file", "two");
        Assert.Equal("one", Command.Succeed("cat", Command.Succeed("show", "--root", one).Trim() + "/file"));
        var two = Command.Succeed("commit", "-m", "two").Trim();
        Assert.Equal(3, Command.Run("commit", "-m", "nothing").ExitCode);
        Assert.Equal("two", Command.Succeed("cat", Command.Succeed("show", "--root", two).Trim() + "/file"));
        Assert.Contains(" fuse.vt frob ", File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Unmount(mount);
    }

    [MountFact]
    public void A_commit_is_mounted_for_reading()
    {
        using (var mount = Mount("frob@main"))
        {
            Shell.Succeed($"mkdir -p '{Point}/a/b'; echo one > '{Point}/a/b/file'");
            Command.Succeed("commit", "-m", "one");
            Shell.Succeed($"echo two > '{Point}/a/b/file'");
            Command.Succeed("commit", "-m", "two");
            Unmount(mount);
        }

        using (var old = Mount("frob@HEAD^", "-r"))
        {
            Assert.Equal("one\n", File.ReadAllText($"{Point}/a/b/file"));
            Assert.NotEqual(0, Shell.Run($"echo x > '{Point}/x'").ExitCode);
            Unmount(old);
        }

        using var part = Mount("frob", "-r", "-o", "subpath=a/b");
        Assert.Equal("two\n", File.ReadAllText($"{Point}/file"));
        Unmount(part);
    }

    [MountFact]
    public void A_reset_gives_back_exactly_what_was_committed()
    {
        string before;
        using (var mount = Mount("frob"))
        {
            Shell.Succeed($"cp -a /etc/apt '{Point}/'; ln '{Point}/apt/sources.list' '{Point}/hard' 2>/dev/null || echo x > '{Point}/hard'; chmod 750 '{Point}'; chown 999:999 '{Point}'; mkfifo '{Point}/fifo'; ln -s nowhere '{Point}/link'");
            Command.Succeed("commit", "-m", "good");
            before = Shell.Succeed($"cd '{Point}'; find . -printf '%p %y %m %U %G %s %T@ %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum");
            Shell.Succeed($"rm -rf '{Point}/apt' '{Point}/fifo'; echo bad > '{Point}/hard'; chmod 777 '{Point}'; chown 0:0 '{Point}'");
            Unmount(mount);
        }

        Command.Succeed("reset", "--hard", "HEAD");
        using var again = Mount("frob");
        Assert.Equal(before, Shell.Succeed($"cd '{Point}'; find . -printf '%p %y %m %U %G %s %T@ %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum"));
        Unmount(again);
    }

    [MountFact]
    public void What_is_not_committed_stays_with_its_branch()
    {
        using (var mount = Mount("frob"))
        {
            File.WriteAllText($"{Point}/file", "main's");
            Unmount(mount);
        }

        Command.Succeed("checkout", "-b", "alpha");
        using (var mount = Mount("frob"))
        {
            Assert.False(File.Exists($"{Point}/file"));
            File.WriteAllText($"{Point}/file", "alpha's");
            Unmount(mount);
        }

        Command.Succeed("checkout", "main");
        using (var mount = Mount("frob"))
        {
            Assert.Equal("main's", File.ReadAllText($"{Point}/file"));
            Unmount(mount);
        }

        using var other = Mount("frob@alpha");
        Assert.Equal("alpha's", File.ReadAllText($"{Point}/file"));
        Unmount(other);
    }

    [MountFact]
    public void After_a_killed_server_the_branch_is_mounted_once_before_it_is_committed()
    {
        using (var mount = Mount("frob"))
        {
            Shell.Succeed($"echo kept > '{Point}/file'; sync '{Point}/file'");
            mount.Signal("KILL");
            mount.AwaitExit();
        }

        var refused = Command.Run("commit", "-m", "too early");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("mount it once", refused.Errors, StringComparison.Ordinal);
        using var again = Mount("frob");
        Command.Succeed("commit", "-m", "kept");
        Unmount(again);
        Assert.Equal("kept\n", Command.Succeed("cat", Command.Succeed("show", "--root").Trim() + "/file"));
    }

    [MountFact]
    public void Commits_of_eight_processes_at_once_are_all_there()
    {
        using var mount = Mount("frob");
        var processes = Enumerable.Range(0, 8).Select(i => Command.Start("commit", "--allow-empty", "-m", $"number {i}")).ToList();
        foreach (var process in processes)
        {
            using (process)
            {
                var errors = process.StandardError.ReadToEndAsync();
                process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Assert.True(process.ExitCode == 0, errors.Result);
            }
        }

        var log = Command.Succeed("log", "--oneline").Trim().Split('\n');
        Assert.Equal(9, log.Length);
        Assert.Equal(8, log.Count(static line => line.Contains("number ", StringComparison.Ordinal)));
        Assert.Equal(9, Command.Succeed("log", "--json").Split("\"id\"").Length - 1);
        Unmount(mount);
    }

    [MountFact]
    public void A_fork_can_be_written_to_and_leaves_nothing()
    {
        using (var mount = Mount("frob"))
        {
            Shell.Succeed($"mkdir '{Point}/a'; echo one > '{Point}/a/file'");
            Command.Succeed("commit", "-m", "one");
            Shell.Succeed($"echo two > '{Point}/a/file'");
            Command.Succeed("commit", "-m", "two");
            Unmount(mount);
        }

        var archive = Directory.GetFiles(Folder["home"], "main.vt", SearchOption.AllDirectories).Single();
        var before = File.ReadAllBytes(archive);
        var forks = Path.Combine(Folder["home"], ".local/share/vt/forks");
        foreach (var (special, content) in new[] { ("frob@HEAD^", "one"), ("frob", "two"), (archive, "two"), ("frob@HEAD^/a", "") })
        {
            using var fork = Mount(special, "-o", "fork");
            if (content.Length > 0)
                Assert.Equal(content + "\n", File.ReadAllText($"{Point}/a/file"));
            else
                Assert.Equal("one\n", File.ReadAllText($"{Point}/file"));
            Shell.Succeed($"rm -r '{Point}'/*; echo other > '{Point}/other'; sync '{Point}/other'; dd if=/dev/urandom of='{Point}/large' bs=1M count=40 status=none");
            Assert.Single(Directory.GetDirectories(forks));
            Unmount(fork);
            Assert.Empty(Directory.GetDirectories(forks));
        }

        Assert.Equal(before, File.ReadAllBytes(archive));
        Assert.Equal("two\n", Command.Succeed("cat", "frob/a/file"));
        Assert.Contains("say -r", Command.Run("mount", "frob@HEAD^", Point).Errors, StringComparison.Ordinal);
    }

    [MountFact]
    public void The_commit_with_which_a_check_turns_is_found()
    {
        var ids = new List<string>();
        using (var mount = Mount("frob"))
        {
            for (var i = 0; i < 12; i++)
            {
                File.WriteAllText($"{Point}/file", i < 7 ? $"good {i}" : $"bad {i}");
                ids.Add(Command.Succeed("commit", "-m", $"number {i}").Trim());
            }

            Unmount(mount);
        }

        Assert.StartsWith($"commit {ids[7]}\n", Command.Succeed("-q", "bisect", "run", "--good", ids[0], "--", "grep", "-q", "good", "file"), StringComparison.Ordinal);
        var skipping = Command.Run("bisect", "run", "--good", ids[2], "--bad", ids[10], "--", "sh", "-c", "grep -q 6 file && exit 125; echo $VT_COMMIT; grep -q good $VT_MNT/file");
        Assert.Equal(3, skipping.ExitCode);
        Assert.StartsWith($"commit {ids[7]}\n", skipping.Output, StringComparison.Ordinal);
        Assert.Contains($"skipped: {ids[6][..12]}\n", skipping.Errors, StringComparison.Ordinal);
        Assert.Contains(ids[10], skipping.Errors, StringComparison.Ordinal);
        foreach (var (arguments, why) in new (string[], string)[]
        {
            (["--bad", ids[3], "--", "grep", "-q", "good", "file"], "there is nothing to look for"),
            (["--", "grep", "-q", "good", "file"], "say --good REV"),
            (["--good", ids[0], "--", "sh", "-c", "kill -9 $$"], "which is no answer"),
            (["--", "/no/such/program"], "can't be started"),
            (["--good", ids[5], "--bad", ids[4], "--", "true"], "does not come from"),
        })
        {
            var refused = Command.Run(["bisect", "run", .. arguments]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(why, refused.Errors, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("vt-bisect-", File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    [MountFact]
    public void A_branch_that_was_mounted_can_be_removed_and_made_again()
    {
        Command.Succeed("branch", "alpha");
        using (var mount = Mount("frob@alpha"))
        {
            File.WriteAllText($"{Point}/file", "alpha's");
            Command.Succeed("commit", "-b", "alpha", "-m", "alpha's");
            Unmount(mount);
        }

        Command.Succeed("branch", "-d", "alpha");
        Command.Succeed("branch", "alpha", "main");
        using var again = Mount("frob@alpha");
        Assert.Empty(Directory.GetFileSystemEntries(Point));
        Unmount(again);
    }

    [MountFact]
    public void A_program_is_at_rest_at_the_moment_of_a_commit_and_always_goes_on()
    {
        using var mount = Mount("frob");
        var log = Folder["log"];
        var (quiesce, resume) = ($"echo rest of $VT_VOLUME@$VT_BRANCH >> {log}; echo rest > {Point}/state", $"echo on >> {log}; echo work > {Point}/state");
        Command.Succeed("commit", "-m", "at rest", "--quiesce", quiesce, "--resume", resume);
        Assert.Equal("rest\n", Command.Succeed("cat", "HEAD/state"));
        Assert.Equal("work\n", File.ReadAllText($"{Point}/state"));
        Assert.Equal("rest of frob@main\non\n", Take());

        foreach (var (failing, why) in new[] { ("exit 4", "failed with status 4"), ("sleep 60", "took longer than 1 s") })
        {
            var refused = Command.Run("commit", "-m", "not made", "--hook-timeout", "1s", "--quiesce", failing, "--resume", resume);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(why, refused.Errors, StringComparison.Ordinal);
            Assert.Equal("on\n", Take());
        }

        var made = Command.Run("commit", "-m", "made", "--resume", "exit 5");
        Assert.Equal(1, made.ExitCode);
        Assert.Contains("failed with status 5", made.Errors, StringComparison.Ordinal);
        Assert.Contains("made", Command.Succeed("log", "--oneline", "-n", "1"), StringComparison.Ordinal);
        Assert.Equal(1, Command.Run("commit", "-m", "x", "--hook-timeout", "soon").ExitCode);

        // Killed in between, and interrupted.
        foreach (var signal in new[] { "KILL", "INT" })
        {
            using var process = Command.Start("commit", "-m", "killed", "--quiesce", $"echo rest >> {log}; sleep 60", "--resume", resume);
            Await(() => File.Exists(log));
            Shell.Succeed($"kill -{signal} {process.Id}");
            process.WaitForExit();
            Await(() => File.ReadAllText(log) == "rest\non\n");
            Take();
        }

        Assert.DoesNotContain("killed", Command.Succeed("log", "--oneline"), StringComparison.Ordinal);
        Unmount(mount);

        string Take()
        {
            var text = File.Exists(log) ? File.ReadAllText(log) : "";
            File.Delete(log);
            return text;
        }

        static void Await(Func<bool> isSo)
        {
            Assert.True(SpinWait.SpinUntil(isSo, TimeSpan.FromSeconds(30)));
        }
    }

    [MountFact]
    public void What_is_no_branch_is_not_mounted_for_writing()
    {
        foreach (var (special, why) in new[] { ("frob@HEAD^0", "only branches are mounted for writing"), ("frob@nothing", "is no branch of frob"), ("nothing", "there is no volume 'nothing'") })
        {
            var refused = Command.Run("mount", "-d", special, Point);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(why, refused.Errors, StringComparison.Ordinal);
        }
    }

    [MountFact]
    public void A_volume_with_a_mounted_branch_is_not_removed()
    {
        using var mount = Mount("frob");
        var refused = Command.Run("volume", "rm", "frob");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("frob@main is mounted for writing", refused.Errors, StringComparison.Ordinal);
        Unmount(mount);
        Command.Succeed("volume", "rm", "frob");
    }
}
