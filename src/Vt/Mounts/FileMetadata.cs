using Vt.Posix;

namespace Vt.Mounts;

/// <summary>Gives an inode the owner, attributes, permissions and times of another, by system calls.</summary>
static class FileMetadata
{
    /// <summary>Copies them between open files. The owner first, as it clears setuid; times last, as all else sets them.</summary>
    /// <param name="from">Whose they are.</param>
    /// <param name="to">Who gets them.</param>
    /// <param name="status">What stat(2) said of the first.</param>
    /// <param name="refuse">Told of a call that is refused, and whether to go on; null to fail.</param>
    /// <exception cref="PosixException">They can't be given.</exception>
    public static void Copy(FileDescriptor from, FileDescriptor to, in Statx status, Func<string, Errno, bool>? refuse = null)
    {
        Check(Ownership.TryChown(to, status.Uid, status.Gid), "chown", [], refuse);
        foreach (var name in Xattrs.List(from))
        {
            if (Xattrs.Get(from, name) is { } value)
                Check(Xattrs.TrySet(to, name, value), "setxattr", name, refuse);
        }

        Check(Ownership.TryChmod(to, status.Permissions), "chmod", [], refuse);
        Check(Times.TrySet(to, Time(status.AccessTime), Time(status.ModificationTime)), "utimens", [], refuse);
    }

    /// <summary>Copies them between names, which symbolic links and devices are reached by.</summary>
    public static void Copy(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, in Statx status, Func<string, Errno, bool>? refuse = null)
    {
        Check(Ownership.TryChownAt(to, newName, status.Uid, status.Gid), "chown", newName, refuse);
        var path = Xattrs.PathBelow(from, name, new byte[Xattrs.PathBelowRoom + name.Length]).ToArray();
        var newPath = Xattrs.PathBelow(to, newName, new byte[Xattrs.PathBelowRoom + newName.Length]).ToArray();
        foreach (var attribute in Xattrs.LList(path))
        {
            if (Xattrs.LGet(path, attribute) is { } value)
                Check(Xattrs.TryLSet(newPath, attribute, value), "setxattr", attribute, refuse);
        }

        if (!status.IsSymlink)
            Check(Ownership.TryChmodAt(to, newName, status.Permissions), "chmod", newName, refuse);
        Check(Times.TrySetAt(to, newName, Time(status.AccessTime), Time(status.ModificationTime)), "utimens", newName, refuse);
    }

    static TimeSetting Time(StatxTime time) => TimeSetting.At(time.Seconds, time.Nanoseconds);

    static void Check(Errno error, string call, byte[] name, Func<string, Errno, bool>? refuse)
    {
        if (error != Errno.OK && refuse?.Invoke(call, error) != true)
            throw new PosixException(error, call, PathText.Of(name));
    }
}
