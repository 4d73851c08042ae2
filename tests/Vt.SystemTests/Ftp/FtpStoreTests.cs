using Vt.SystemTests.Commands;
using Vt.SystemTests.Serving;
using Vt.SystemTests.Volumes;
using Vt.Tests.Support;

namespace Vt.SystemTests.Ftp;

/// <summary>Sessions on what another machine's store has, and on volumes that are mounted.</summary>
public sealed class FtpStoreTests : VolumeBed
{
    [Fact]
    public void A_session_on_a_served_store_reads_changes_and_commits()
    {
        Folder.Write("home/a", "alpha\n");
        Command.Succeed("-q", "ftp", "frob", "-c", "put a; commit -m first");
        var socket = Folder["socket"];
        using var server = new ServerProcess(Command, 1, socket);
        var laptop = new VtCommand(Folder["laptop"]);
        laptop.Environment["VT_AUTHOR"] = "Bob <bob@example.org>";
        laptop.Environment["VT_STORE"] = $"socket(path={socket})";

        Assert.Equal("alpha\n", laptop.Succeed("-q", "ftp", "frob", "-c", "cat a"));
        Assert.Equal("a\n", laptop.Succeed("-q", "ftp", "-r", "frob@main", "-c", "ls"));
        Folder.Write("laptop/b", "beta\n");
        laptop.Succeed("-q", "ftp", "frob", "-c", "put b; commit -m second");
        Assert.Contains("second", Command.Succeed("log", "-V", "frob"), StringComparison.Ordinal);
        Assert.Equal("a\nb\n", Command.Succeed("-q", "ftp", "frob", "-c", "ls"));

        // What is bound from there comes over; what is pushed is there.
        laptop.Environment["VT_STORE"] = Folder["laptop/own"];
        laptop.Succeed("init");
        var text = Command.Succeed("stat", "frob@main").Split('\n').First(static line => line.StartsWith("Text:", StringComparison.Ordinal))[5..].Trim();
        Assert.Equal("beta\n", laptop.Succeed("-q", "ftp", "x.vt", "-c", $"peer socket(path={socket}); bind frob {text}; cat frob/b; pull; push frob").Split("\n", 2)[1].Split('\n')[0] + "\n");
        laptop.Succeed("fsck", "x.vt");
    }

    [MountFact]
    public void A_volume_that_is_mounted_is_worked_on_in_its_mount_and_committed()
    {
        using var mount = Mount("frob");
        Folder.Write("home/a", "alpha\n");

        Command.Succeed("-q", "ftp", "frob", "-c", "put a; mkdir d; commit -m there");

        Assert.Equal(["a", "d"], Names(""));
        Assert.Contains("there", Command.Succeed("log"), StringComparison.Ordinal);
        Unmount(mount);
        Assert.Equal("a\nd\n", Command.Succeed("-q", "ftp", "frob", "-c", "ls"));
    }
}
