using System.Text;
using Vt.Posix;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>When reading moves the time of the last access: noatime, relatime, strictatime, and what is done where nothing is said.</summary>
public sealed class AccessTimeTests
{
    // Well before now, and access before modification, as relatime asks for.
    const string Then = "2001-01-01";

    [MountTheory]
    [InlineData("", true, false)]
    [InlineData(",noatime", false, false)]
    [InlineData(",relatime", true, false)]
    [InlineData(",strictatime", true, true)]
    public void The_option_says_when_reading_counts_as_access(string option, bool isFirstCounted, bool isSecondCounted)
    {
        using var mount = new LiveMount($"commit=3600{option}");
        Shell.Succeed($"cd '{mount.Point}'; echo content > file; mkdir folder; touch folder/in; ln -s file link; touch -h -d {Then} file folder link");

        var before = Access(mount["file"]);
        Shell.Succeed($"cat '{mount["file"]}' > /dev/null");
        var first = Access(mount["file"]);
        Assert.Equal(isFirstCounted, first != before);
        Shell.Succeed($"cat '{mount["file"]}' > /dev/null");
        Assert.Equal(isSecondCounted, Access(mount["file"]) != first);

        before = Access(mount["folder"]);
        Shell.Succeed($"ls '{mount["folder"]}'");
        Assert.Equal(isFirstCounted, Access(mount["folder"]) != before);
        before = Access(mount["link"]);
        Shell.Succeed($"readlink '{mount["link"]}'");
        Assert.Equal(isFirstCounted, Access(mount["link"]) != before);
    }

    [MountTheory]
    [InlineData("", false)]
    [InlineData(",relatime", true)]
    public void Reading_makes_a_state_only_where_that_is_asked_for(string option, bool isState)
    {
        using var mount = new LiveMount("commit=3600,noatime");
        Shell.Succeed($"cd '{mount.Point}'; echo content > file; touch -d {Then} file");
        mount.Remount($"commit=3600{option}");
        var states = States(mount);
        Shell.Succeed($"cat '{mount["file"]}' > /dev/null");
        var noted = Access(mount["file"]);
        mount.Remount("commit=3600,noatime");

        Assert.Equal(isState ? states + 1 : states, States(mount));
        Assert.Equal(isState, Access(mount["file"]) == noted);
    }

    [MountFact]
    public void What_was_noted_is_stored_with_the_next_change()
    {
        using var mount = new LiveMount("commit=3600,noatime");
        Shell.Succeed($"cd '{mount.Point}'; echo content > file; touch -d {Then} file");
        mount.Remount("commit=3600");
        Shell.Succeed($"cat '{mount["file"]}' > /dev/null");
        var noted = Access(mount["file"]);
        Shell.Succeed($"chmod 600 '{mount["file"]}'");
        mount.Remount("commit=3600,noatime");

        Assert.Equal(noted, Access(mount["file"]));
        mount.Remount("ro");
        Assert.Equal(noted, Access(mount["file"]));
    }

    [MountFact]
    public void Listing_does_not_count_with_nodiratime_and_who_opens_with_O_NOATIME_leaves_no_trace()
    {
        using var mount = new LiveMount("commit=3600,relatime,nodiratime");
        Shell.Succeed($"cd '{mount.Point}'; echo content > file; mkdir folder; touch -d {Then} file folder");
        var (file, folder) = (Access(mount["file"]), Access(mount["folder"]));
        Shell.Succeed($"ls '{mount["folder"]}'; dd if='{mount["file"]}' of=/dev/null iflag=noatime status=none");

        Assert.Equal(file, Access(mount["file"]));
        Assert.Equal(folder, Access(mount["folder"]));
    }

    static long Access(string path)
    {
        using var folder = PosixFile.Open(Path.GetDirectoryName(path)!, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        Assert.Equal(Errno.OK, PosixFile.TryStatAt(folder, Encoding.UTF8.GetBytes(Path.GetFileName(path)), follow: false, out var status));
        return status.AccessTime.TotalNanoseconds;
    }

    static int States(LiveMount mount) => File.ReadLines(mount.Archive).Count();
}
