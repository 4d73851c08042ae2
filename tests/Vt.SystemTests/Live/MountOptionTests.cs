using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>What of a tree a live mount shows, where, and whose it seems to be.</summary>
public sealed class MountOptionTests
{
    [MountTheory]
    [InlineData("a.vt", "subpath=folder/deep")]
    [InlineData("a.vt/folder", "subpath=deep")]
    [InlineData("a.vt/folder/deep", "commit=3600")]
    public void A_folder_of_an_archive_can_be_mounted_alone_for_writing(string special, string options)
    {
        using var mount = new LiveMount();
        Shell.Succeed($"cd '{mount.Point}'; mkdir -p folder/deep; echo old > folder/deep/file; echo beside > folder/beside");
        mount.Unmount();
        mount.Vt.Succeed("mount", "-e", "cd $VT_MNT; ls; cat file; echo new > new; rm file; mkdir sub; mv new sub; stat -c %i .", "-o", options, mount.Folder[special], mount.Point);
        Assert.Equal("beside\ndeep\nsub\nnew\n", ListOf(mount, "folder").Replace("deep/", "", StringComparison.Ordinal));
    }

    [MountFact]
    public void What_is_no_folder_of_the_archive_is_not_mounted()
    {
        using var mount = new LiveMount();
        File.WriteAllText(mount["file"], "");
        mount.Unmount();
        foreach (var path in (string[])["missing", "file", "file/below"])
        {
            var refused = mount.Vt.Run("mount", "-o", $"subpath={path}", mount.Archive, mount.Point);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains($"there is no folder {path} in {mount.Archive}", refused.Errors, StringComparison.Ordinal);
        }
    }

    [RootFact]
    public void One_mount_shows_at_several_places_as_one_file_system()
    {
        using var mount = new LiveMount();
        Directory.CreateDirectory(mount["src/deep"]);
        mount.Unmount();
        var (first, second) = (mount.Folder.Make("first"), mount.Folder.Make("second"));
        var output = mount.Vt.Succeed(
            "mount", "-e",
            $"cd /; echo one > '{first}/file'; cat $VT_MNT/src/file; echo two >> $VT_MNT/src/file; cat '{first}/file'; ln '{first}/file' '{second}/hard' 2>&1 | grep -c cross; echo three > $VT_MNT/src/deep/more; cat '{second}/more'",
            "--at", $"src={first}", "--at", $"/src/deep/={second}", mount.Archive, mount.Point);
        Assert.Equal("one\none\ntwo\n1\nthree\n", output);
        Assert.Empty(Directory.GetFileSystemEntries(first));
        Assert.Empty(Directory.GetFileSystemEntries(second));

        var refused = mount.Vt.Run("mount", "--at", $"missing={first}", mount.Archive, mount.Point);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("there is no folder missing in the mount", refused.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(mount.Point));
    }

    [RootFact]
    public void Owners_are_exchanged_both_ways_in_attributes_and_access_lists()
    {
        using var mount = new LiveMount();
        Shell.Succeed($"cd '{mount.Point}'; chmod 777 .; echo a > mine; chown 1000:1000 mine; echo b > theirs; chown 2001:2001 theirs; echo c > list; setfacl -m u:1000:r,g:2001:w list");
        mount.Remount("uidmap=1000:2001,gidmap=1000:2000:2");
        var shown = Shell.Succeed(
            $"cd '{mount.Point}'; stat -c '%n %u %g' mine theirs; getfacl -nc list | grep -E '^(user|group):[0-9]' | tr '\\n' ' '; setfacl -m u:2001:rwx list;"
            + " chown 2001:2000 list; setpriv --reuid 2001 --regid 2000 --clear-groups sh -c 'echo d > made; cat mine > /dev/null; chmod 600 mine'; stat -c '%n %u %g %a' made mine");
        Assert.Equal("mine 2001 2000\ntheirs 1000 1001\nuser:2001:r-- group:1001:-w- made 2001 2000 644\nmine 2001 2000 600", shown.TrimEnd());

        mount.Remount("commit=3600");
        Assert.Equal(
            "made 1000 1000\nmine 1000 1000\nlist 1000 1000\nuser:1000:rwx group:2001:-w-",
            Shell.Succeed($"cd '{mount.Point}'; stat -c '%n %u %g' made mine list; getfacl -nc list | grep -E '^(user|group):[0-9]' | tr '\\n' ' '").TrimEnd());

        mount.Unmount();
        Assert.Equal("2001", mount.Vt.Succeed("mount", "-r", "-o", "uidmap=1000:2001", "-e", "stat -c %u $VT_MNT/mine", mount.Archive, mount.Point).Trim());
    }

    [MountTheory]
    [InlineData("append")]
    [InlineData("commit=5")]
    [InlineData("maxsize=1G")]
    [InlineData("state=elsewhere")]
    [InlineData("exclude=x")]
    [InlineData("include=x")]
    public void What_only_a_mount_for_writing_has_is_not_passed_over_where_it_is_for_reading(string option)
    {
        using var mount = new LiveMount();
        mount.Unmount();
        var refused = mount.Vt.Run("mount", "-r", "-o", option, mount.Archive, mount.Point);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"-o {option.Split('=')[0]}: only a mount for writing has that", refused.Errors, StringComparison.Ordinal);
    }

    [MountFact]
    public void Caches_are_as_large_as_was_said()
    {
        using var mount = new LiveMount("commit=3600,dir_cache=0,read_ahead=0");
        mount.Run("mkdir -p a/b; head -c 8000000 /dev/urandom > a/b/c");
        mount.Remount();
        mount.Run("ls -lR > /dev/null; cat a/b/c > /dev/null");
        var caches = System.Text.Json.JsonDocument.Parse(mount.Vt.Succeed("status", "--json", mount.Point)).RootElement.GetProperty("caches").EnumerateArray().ToList();
        Assert.All(caches.Take(2), static cache => Assert.Equal(0, cache.GetProperty("bytes").GetInt64()));
        mount.Unmount();
        var refused = mount.Vt.Run("mount", "-o", "dir_cache=much", mount.Archive, mount.Point);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("much is no number of bytes", refused.Errors, StringComparison.Ordinal);
    }

    static string ListOf(LiveMount mount, string folder) =>
        mount.Vt.Succeed("mount", "-r", "-e", $"cd $VT_MNT/{folder}; ls -A; find deep -mindepth 1 -printf '%f\\n'", mount.Archive, mount.Point);
}
