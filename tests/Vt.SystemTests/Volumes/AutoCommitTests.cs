using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>Branches that are mounted and worked in while they are committed by themselves, or put aside.</summary>
public sealed class AutoCommitTests : VolumeBed
{
    [MountTheory]
    [InlineData("--every", "1s")]
    [InlineData("--on-change", "--settle", "1s")]
    public void A_mounted_branch_is_committed_until_the_command_is_ended(params string[] when)
    {
        var head = Command.Succeed("show", "--text");
        using var mount = Mount("frob");
        using (var process = Command.Start(["auto-commit", "frob", .. when, "--keep", "1s:1h"]))
        {
            var errors = process.StandardError.ReadToEndAsync();
            foreach (var content in (string[])["one", "two"])
            {
                Shell.Succeed($"echo {content} > '{Point}/file'");
                Command.Succeed("sync", Point);
                var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(errors.Result);
                Assert.Equal(content + "\n", Command.Succeed("cat", line.Split(' ')[1] + "/file"));
            }

            Shell.Succeed($"kill -TERM {process.Id}");
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors.Result);
            Assert.Equal("", process.StandardOutput.ReadToEnd());
        }

        Assert.Equal(head, Command.Succeed("show", "--text"));
        Assert.Equal(2, Command.Succeed("tag").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Command.Succeed("fsck", "frob@" + Command.Succeed("tag").Split('\n')[1]);
        Unmount(mount);
    }

    [MountFact]
    public void What_is_put_aside_comes_back_with_all_metadata()
    {
        const string listing = "find . -printf '%p %y %m %U %G %s %T@ %l %n\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum";
        using var mount = Mount("frob");
        Shell.Succeed($"cp -a /etc/apt '{Point}/'; echo x > '{Point}/one'; ln '{Point}/one' '{Point}/hard'");
        Command.Succeed("commit", "-m", "good");
        var good = See();
        Shell.Succeed($"cd '{Point}'; rm -rf apt; chmod 700 one; echo more >> one; ln one third; chmod 750 .; chown 999:999 .; mkfifo fifo; ln -s nowhere link");
        var changed = See();
        Command.Succeed("stash", "push");
        Assert.Equal(good, See());
        Assert.Equal("", Command.Succeed("status"));
        Command.Succeed("stash", "pop");
        Assert.Equal(changed, See());
        Unmount(mount);
        using var again = Mount("frob");
        Assert.Equal(changed, See());
        Unmount(again);

        string See() => Shell.Succeed($"cd '{Point}'; {listing}");
    }
}
