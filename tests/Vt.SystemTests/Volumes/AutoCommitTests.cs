using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>Branches that are mounted and worked in while they are committed by themselves, or put aside.</summary>
public sealed class AutoCommitTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly string _point;

    public AutoCommitTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Environment["VT_AUTHOR"] = "Ann <ann@example.org>";
        _vt.Succeed("init");
        _vt.Succeed("volume", "init", "frob");
        _point = _folder.Make("mnt");
    }

    public void Dispose() => _folder.Dispose();

    [MountTheory]
    [InlineData("--every", "1s")]
    [InlineData("--on-change", "--settle", "1s")]
    public void A_mounted_branch_is_committed_until_the_command_is_ended(params string[] when)
    {
        var head = _vt.Succeed("show", "--text");
        using var mount = Mount();
        using (var process = _vt.Start(["auto-commit", "frob", .. when, "--keep", "1s:1h"]))
        {
            var errors = process.StandardError.ReadToEndAsync();
            foreach (var content in (string[])["one", "two"])
            {
                Shell.Succeed($"echo {content} > '{_point}/file'");
                _vt.Succeed("sync", _point);
                var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(errors.Result);
                Assert.Equal(content + "\n", _vt.Succeed("cat", line.Split(' ')[1] + "/file"));
            }

            Shell.Succeed($"kill -TERM {process.Id}");
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors.Result);
            Assert.Equal("", process.StandardOutput.ReadToEnd());
        }

        Assert.Equal(head, _vt.Succeed("show", "--text"));
        Assert.Equal(2, _vt.Succeed("tag").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        _vt.Succeed("fsck", "frob@" + _vt.Succeed("tag").Split('\n')[1]);
        Unmount(mount);
    }

    [MountFact]
    public void What_is_put_aside_comes_back_with_all_metadata()
    {
        const string listing = "find . -printf '%p %y %m %U %G %s %T@ %l %n\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum";
        using var mount = Mount();
        Shell.Succeed($"cp -a /etc/apt '{_point}/'; echo x > '{_point}/one'; ln '{_point}/one' '{_point}/hard'");
        _vt.Succeed("commit", "-m", "good");
        var good = See();
        Shell.Succeed($"cd '{_point}'; rm -rf apt; chmod 700 one; echo more >> one; ln one third; chmod 750 .; chown 999:999 .; mkfifo fifo; ln -s nowhere link");
        var changed = See();
        _vt.Succeed("stash", "push");
        Assert.Equal(good, See());
        Assert.Equal("", _vt.Succeed("status"));
        _vt.Succeed("stash", "pop");
        Assert.Equal(changed, See());
        Unmount(mount);
        using var again = Mount();
        Assert.Equal(changed, See());
        Unmount(again);

        string See() => Shell.Succeed($"cd '{_point}'; {listing}");
    }

    RealMount Mount() => RealMount.Start(
        "/usr/bin/env",
        [$"HOME={_folder["home"]}", $"VT_CONFIG={_folder["home"]}/vtrc", $"VT_STORE={_vt.Store}", VtCommand.Executable, "-q", "mount", "frob", _point, "-o", "commit=3600"],
        _point);

    void Unmount(RealMount mount)
    {
        Shell.Succeed($"umount '{_point}'");
        Assert.True(mount.AwaitExit() == 0, mount.Errors);
    }
}
