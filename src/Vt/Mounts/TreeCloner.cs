using Vt.Blocks.Contracts;
using Vt.Hosts.FuseHost;
using Vt.Posix;

namespace Vt.Mounts;

/// <summary>Clones what is in a live mount: names and metadata one by one, content by telling the mount to share it.</summary>
sealed class TreeCloner(CancellationToken cancellationToken)
{
    const OpenFlags ToList = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    const int LongestStatus = 64 << 10;

    // Where an inode with several names was cloned first.
    readonly Dictionary<ulong, (FileDescriptor Folder, byte[] Name)> _links = [];
    readonly List<FileDescriptor> _kept = [];
    long _entries;
    long _bytes;

    /// <summary>Clones a file or tree.</summary>
    /// <returns>How many entries were made, and how many bytes they share.</returns>
    /// <exception cref="UserErrorException">Source and target are not in one live mount, or the target exists.</exception>
    public (long Entries, long Bytes) Clone(byte[] source, byte[] target)
    {
        var (sourceFolder, sourceName) = Split(source);
        var (targetFolder, targetName) = Split(target);
        using var from = Open(sourceFolder);
        using var to = Open(targetFolder);
        CheckMount(from, to, source, target);
        try
        {
            if (PosixFile.TryStatAt(from, sourceName, follow: false, out var status) is var error && error != Errno.OK)
                throw new UserErrorException($"{PathText.Of(source)}: {new PosixException(error, "stat").Message}");
            if (status.IsDirectory && IsWithin(to, status))
                throw new UserErrorException($"{PathText.Of(target)} is within {PathText.Of(source)}");
            CloneEntry(from, sourceName, to, targetName);
        }
        finally
        {
            foreach (var folder in _kept)
                folder.Dispose();
        }

        return (_entries, _bytes);
    }

    static FileDescriptor Open(byte[] folder) =>
        PosixFile.TryOpen(folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var opened) is var error && error == Errno.OK
            ? opened
            : throw new UserErrorException($"{PathText.Of(folder)}: {new PosixException(error, "open").Message}");

    static void CheckMount(FileDescriptor from, FileDescriptor to, byte[] source, byte[] target)
    {
        var status = new byte[LongestStatus];
        foreach (var (folder, path) in ((FileDescriptor, byte[])[])[(from, source), (to, target)])
        {
            if (Xattrs.TryGet(folder, LiveFuseHost.StatusAttribute, status, out _) is var error && error != Errno.OK)
                throw new UserErrorException($"{PathText.Of(path)}: {LiveMountText.Explain(error)}");
        }

        if (PosixFile.Fstat(from).Device != PosixFile.Fstat(to).Device)
            throw new UserErrorException($"{PathText.Of(source)} and {PathText.Of(target)} are in different mounts");
    }

    void CloneEntry(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Check(PosixFile.TryStatAt(from, name, follow: false, out var status), "stat", name);
        if (!status.IsDirectory && status.Links > 1 && _links.TryGetValue(status.Inode, out var first))
        {
            Check(PosixFile.TryLinkAt(first.Folder, first.Name, to, newName), "link", newName);
            _entries++;
            return;
        }

        switch (status.Type)
        {
            case ModeBits.S_IFDIR:
                CloneFolder(from, name, to, newName, status);
                break;
            case ModeBits.S_IFREG:
                CloneFile(from, name, to, newName, status);
                break;
            case ModeBits.S_IFLNK:
                Check(PosixFile.TryReadlinkAt(from, name, out var target), "readlink", name);
                Check(PosixFile.TrySymlinkAt(target, to, newName), "symlink", newName);
                CopyNameMetadata(from, name, to, newName, status);
                break;
            default:
                Check(PosixFile.TryMknodAt(to, newName, status.Mode, status.Rdev), "mknod", newName);
                CopyNameMetadata(from, name, to, newName, status);
                break;
        }

        _entries++;
        if (!status.IsDirectory && status.Links > 1)
        {
            var folder = PosixFile.OpenAt(to, "."u8, ToList);
            _kept.Add(folder);
            _links.Add(status.Inode, (folder, newName));
        }
    }

    void CloneFolder(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, in Statx status)
    {
        const uint ownerOnly = 0x1c0;
        Check(PosixFile.TryMkdirAt(to, newName, ownerOnly), "mkdir", newName);
        using var source = PosixFile.OpenAt(from, name, ToList);
        using var made = PosixFile.OpenAt(to, newName, ToList);
        foreach (var child in Directories.SortedNames(source))
            CloneEntry(source, child, made, child);
        CopyMetadata(source, made, status);
    }

    void CloneFile(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, in Statx status)
    {
        const uint ownerOnly = 0x180;
        using var source = PosixFile.OpenAt(from, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW);
        using var made = PosixFile.OpenAt(to, newName, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW, ownerOnly);
        for (var at = 0L; at < status.Size;)
        {
            var copied = PosixFile.CopyFileRange(source, at, made, at, status.Size - at);
            if (copied == 0)
                break;
            at += copied;
            _bytes += copied;
        }

        CopyMetadata(source, made, status);
    }

    // Owner first, as it clears setuid; times last, as all else sets them.
    static void CopyMetadata(FileDescriptor from, FileDescriptor to, in Statx status)
    {
        Check(Ownership.TryChown(to, status.Uid, status.Gid), "chown", []);
        foreach (var name in Xattrs.List(from))
        {
            if (Xattrs.Get(from, name) is { } value)
                Check(Xattrs.TrySet(to, name, value), "setxattr", name);
        }

        Check(Ownership.TryChmod(to, status.Permissions), "chmod", []);
        Check(Times.TrySet(to, Time(status.AccessTime), Time(status.ModificationTime)), "utimens", []);
    }

    static void CopyNameMetadata(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, in Statx status)
    {
        Check(Ownership.TryChownAt(to, newName, status.Uid, status.Gid), "chown", newName);
        var path = Xattrs.PathBelow(from, name, new byte[Xattrs.PathBelowRoom + name.Length]).ToArray();
        var newPath = Xattrs.PathBelow(to, newName, new byte[Xattrs.PathBelowRoom + newName.Length]).ToArray();
        foreach (var attribute in Xattrs.LList(path))
        {
            if (Xattrs.LGet(path, attribute) is { } value)
                Check(Xattrs.TryLSet(newPath, attribute, value), "setxattr", attribute);
        }

        if (!status.IsSymlink)
            Check(Ownership.TryChmodAt(to, newName, status.Permissions), "chmod", newName);
        Check(Times.TrySetAt(to, newName, Time(status.AccessTime), Time(status.ModificationTime)), "utimens", newName);
    }

    static TimeSetting Time(StatxTime time) => TimeSetting.At(time.Seconds, time.Nanoseconds);

    static void Check(Errno error, string call, byte[] name)
    {
        if (error != Errno.OK)
            throw new PosixException(error, call, PathText.Of(name));
    }

    // By what is there and not by names, as there are many to one folder.
    static bool IsWithin(FileDescriptor folder, in Statx above)
    {
        var at = PosixFile.OpenAt(folder, "."u8, ToList);
        try
        {
            for (var status = PosixFile.Fstat(at); status.Device == above.Device;)
            {
                if (status.Inode == above.Inode)
                    return true;
                var parent = PosixFile.OpenAt(at, ".."u8, ToList);
                at.Dispose();
                at = parent;
                var next = PosixFile.Fstat(at);
                if (next.Inode == status.Inode && next.Device == status.Device)
                    return false;
                status = next;
            }

            return false;
        }
        finally
        {
            at.Dispose();
        }
    }

    static (byte[] Folder, byte[] Name) Split(byte[] path)
    {
        var trimmed = path.AsSpan().TrimEnd((byte)'/');
        var slash = trimmed.LastIndexOf((byte)'/');
        if (slash < 0 || trimmed.Length == slash + 1)
            throw new UserErrorException($"{PathText.Of(path)} has no name that could be cloned");
        return (slash == 0 ? "/"u8.ToArray() : trimmed[..slash].ToArray(), trimmed[(slash + 1)..].ToArray());
    }
}
