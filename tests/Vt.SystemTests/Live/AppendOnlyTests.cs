using System.Text;
using Vt.Posix;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>A mount with <c>-o append</c>: nothing that is there can be destroyed or changed.</summary>
public sealed class AppendOnlyTests
{
    const int KeepSize = 1;
    const int PunchHole = 2;
    const int ZeroRange = 16;

    [RootFact]
    public void Whatever_would_destroy_or_change_something_is_refused_and_told_of()
    {
        using var mount = new LiveMount();
        Populate(mount);
        var before = Picture(mount);
        mount.Remount("append,commit=3600");

        var refused = 0;
        foreach (var (what, attempt) in Attempts(mount))
        {
            var error = attempt();
            Assert.True(error == Errno.EPERM, $"{what}: {error}");
            refused++;
        }

        Assert.Equal(before, Picture(mount));
        Assert.True(refused >= 30, $"{refused} attempts");
        mount.Unmount();
        var told = mount.Errors.Split('\n').Count(static line => line.Contains("append-only: refused", StringComparison.Ordinal));
        Assert.True(told >= refused, $"{told} of {refused} attempts were told of: {mount.Errors}");
    }

    [RootFact]
    public void New_names_come_and_files_grow_at_their_end()
    {
        using var mount = new LiveMount();
        Populate(mount);
        mount.Remount("append,commit=3600");

        File.AppendAllText(mount["file"], "more");
        File.WriteAllText(mount["new"], "first");
        File.AppendAllText(mount["new"], "second");
        Directory.CreateDirectory(mount["folder2/deep"]);
        Shell.Succeed($"cd '{mount.Point}'; ln -s somewhere link2; ln file hard2; mkfifo pipe2; touch file; : > empty; : > empty; truncate -s 100 new; cp file copy");
        mount.Remount("commit=3600");

        Assert.Equal("contentmore", File.ReadAllText(mount["file"]));
        Assert.Equal("contentmore", File.ReadAllText(mount["hard2"]));
        Assert.Equal("contentmore", File.ReadAllText(mount["copy"]));
        Assert.Equal(100, new FileInfo(mount["new"]).Length);
        Assert.StartsWith("firstsecond", File.ReadAllText(mount["new"]), StringComparison.Ordinal);
        Assert.True(Directory.Exists(mount["folder2/deep"]));
    }

    static void Populate(LiveMount mount) =>
        Shell.Succeed($"cd '{mount.Point}'; echo -n content > file; ln file hard; echo -n other > other; mkdir -p folder/sub empty-folder; echo -n in > folder/inside; ln -s file link; mkfifo pipe; : > empty; setfattr -n user.a -v b file; chmod 644 file; head -c 300000 /dev/zero | tr '\\0' x > large");

    static string Picture(LiveMount mount) =>
        Shell.Succeed($"cd '{mount.Point}'; find . -printf '%p %y %m %u %g %s %n %T@ %C@ %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum; getfattr -dR -m - . 2>&1");

    static IEnumerable<(string What, Func<Errno> Attempt)> Attempts(LiveMount mount)
    {
        var at = PosixFile.Open(mount.Point, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        yield return ("unlink", () => PosixFile.TryUnlinkAt(at, "file"u8));
        yield return ("unlink of a hard link", () => PosixFile.TryUnlinkAt(at, "hard"u8));
        yield return ("unlink of a symbolic link", () => PosixFile.TryUnlinkAt(at, "link"u8));
        yield return ("unlink of a fifo", () => PosixFile.TryUnlinkAt(at, "pipe"u8));
        yield return ("unlink of an empty file", () => PosixFile.TryUnlinkAt(at, "empty"u8));
        yield return ("rmdir of an empty folder", () => PosixFile.TryRmdirAt(at, "empty-folder"u8));
        yield return ("rename", () => Run("mv -T file renamed", mount));
        yield return ("rename over a file", () => Run("mv -fT other file", mount));
        yield return ("rename of a folder", () => Run("mv -T folder folder3", mount));
        yield return ("rename into a folder", () => Run("mv other folder/", mount));
        yield return ("rename without replacing", () => Run("mv -nT other unused", mount));
        yield return ("truncate", () => Run("truncate -s 0 file", mount));
        yield return ("truncate to a part", () => Run("truncate -s 3 file", mount));
        yield return ("open with O_TRUNC", () => Run(": > file", mount));
        yield return ("overwrite of a byte", () => Overwrite(mount["file"], 0, 1));
        yield return ("overwrite of the last byte", () => Overwrite(mount["file"], 6, 2));
        yield return ("overwrite of much", () => Overwrite(mount["large"], 100, 200_000));
        yield return ("synchronous overwrite", () => Overwrite(mount["file"], 0, 1, OpenFlags.O_DSYNC));
        yield return ("direct overwrite", () => Run("dd if=/dev/zero of=large bs=4096 count=1 oflag=direct conv=notrunc status=none", mount));
        yield return ("punching a hole", () => Allocate(mount["large"], PunchHole | KeepSize));
        yield return ("zeroing a range", () => Allocate(mount["large"], ZeroRange));
        yield return ("zeroing a range and keeping the size", () => Allocate(mount["large"], ZeroRange | KeepSize));
        yield return ("copy_file_range over bytes", () => CopyOver(mount["large"], mount["file"]));
        yield return ("chmod", () => Ownership.TryChmodAt(at, "file"u8, 0x180));
        yield return ("chmod of a folder", () => Ownership.TryChmodAt(at, "folder"u8, 0x1c0));
        yield return ("chmod of the root", () => Run("chmod 700 .", mount));
        yield return ("chown", () => Ownership.TryChownAt(at, "file"u8, 1, 1));
        yield return ("chown of a symbolic link", () => Ownership.TryChownAt(at, "link"u8, 1, 1));
        yield return ("setting times", () => Times.TrySetAt(at, "file"u8, TimeSetting.At(1, 0), TimeSetting.At(1, 0)));
        yield return ("setting the modification time alone", () => Times.TrySetAt(at, "file"u8, TimeSetting.Omit, TimeSetting.At(1, 0)));
        yield return ("replacing an attribute", () => Xattrs.TrySet(Bytes(mount["file"]), "user.a"u8, "c"u8));
        yield return ("a new attribute", () => Xattrs.TrySet(Bytes(mount["file"]), "user.b"u8, "c"u8));
        yield return ("removing an attribute", () => Xattrs.TryRemove(Bytes(mount["file"]), "user.a"u8));
        yield return ("an access list", () => Run("setfacl -m u:1:rwx file", mount));
        yield return ("a default access list", () => Run("setfacl -d -m u:1:rwx folder", mount));
        yield return ("replacing the content by a reference", () => Xattrs.TrySet(Bytes(mount["file"]), "x-vt-block"u8, "L{\"other\"}"u8));
        at.Dispose();
    }

    static Errno Run(string command, LiveMount mount)
    {
        var (exit, errors) = Shell.Run($"cd '{mount.Point}' && {command}");
        return exit == 0 ? Errno.OK : errors.Contains("Operation not permitted", StringComparison.Ordinal) ? Errno.EPERM : throw new InvalidOperationException(errors);
    }

    static Errno Overwrite(string path, long offset, int count, OpenFlags flags = default)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_WRONLY | flags);
        return PosixFile.TryPwrite(file, new byte[count], offset, out _);
    }

    static Errno Allocate(string path, int mode)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_WRONLY);
        return PosixFile.TryFallocate(file, mode, 0, 8192);
    }

    static Errno CopyOver(string from, string to)
    {
        using var source = PosixFile.Open(from, OpenFlags.O_RDONLY);
        using var target = PosixFile.Open(to, OpenFlags.O_WRONLY);
        try
        {
            PosixFile.CopyFileRange(source, 0, target, 0, 5);
            return Errno.OK;
        }
        catch (PosixException fault)
        {
            return fault.Error;
        }
    }

    static byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path);
}
