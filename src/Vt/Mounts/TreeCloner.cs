using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Hosts.FuseHost;
using Vt.Posix;

namespace Vt.Mounts;

/// <summary>
/// Clones what is in a live mount, or in a mount for reading of the same store: a folder as a whole where the mount can do that, else names and metadata one by
/// one, and content by telling the mount to share it.
/// </summary>
sealed class TreeCloner(CancellationToken cancellationToken)
{
    const OpenFlags ToList = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    const int LongestValue = 64 << 10;

    // Where an inode with several names was cloned first.
    readonly Dictionary<ulong, (FileDescriptor Folder, byte[] Name)> _links = [];
    readonly List<FileDescriptor> _kept = [];
    bool _isAcross; // from another mount, in which nothing changes
    long _entries;
    long _bytes;

    /// <summary>Clones a file or tree.</summary>
    /// <returns>How many entries were made, and how many bytes they share.</returns>
    /// <exception cref="UserErrorException">
    /// The target is not in a live mount or exists, or the source is in no mount of the same store, or holds the target.
    /// </exception>
    public (long Entries, long Bytes) Clone(byte[] source, byte[] target)
    {
        var (sourceFolder, sourceName) = Split(source);
        var (targetFolder, targetName) = Split(target);
        using var from = Open(sourceFolder);
        using var to = Open(targetFolder);
        if (PosixFile.TryStatAt(from, sourceName, follow: false, out var status) is var error && error != Errno.OK)
            throw new UserErrorException($"{PathText.Of(source)}: {new PosixException(error, "stat").Message}");
        using var folder = status.IsDirectory ? PosixFile.OpenAt(from, sourceName, ToList) : null; // which a mount may begin at
        var isLive = CheckMounts(folder ?? from, to, source, target);
        try
        {
            if (status.IsDirectory && IsWithin(to, status))
                throw new UserErrorException($"{PathText.Of(target)} is within {PathText.Of(source)}");

            // Of a tree that may change meanwhile only the whole is sure not to have the clone in it.
            if (status.IsDirectory && (!_isAcross || isLive) && TryCloneWhole(from, sourceName, to, targetName))
                return (_entries, _bytes);
            if (_isAcross && isLive)
                throw new UserErrorException($"{PathText.Of(source)} and {PathText.Of(target)} are in different mounts for writing, between which only whole folders without hard links are cloned, by root or whose mounts they are");
            CloneEntry(from, sourceName, to, targetName);
        }
        finally
        {
            foreach (var kept in _kept)
                kept.Dispose();
        }

        return (_entries, _bytes);
    }

    static FileDescriptor Open(byte[] folder) =>
        PosixFile.TryOpen(folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var opened) is var error && error == Errno.OK
            ? opened
            : throw new UserErrorException($"{PathText.Of(folder)}: {new PosixException(error, "open").Message}");

    // Whether the source can be changed.
    bool CheckMounts(FileDescriptor from, FileDescriptor to, byte[] source, byte[] target)
    {
        var value = new byte[LongestValue];
        var isLive = Xattrs.TryGet(from, LiveFuseHost.StatusAttribute, value, out _);
        if (isLive != Errno.OK && Xattrs.TryGet(from, ReadOnlyFileSystem.DirentAttribute, value, out _) != Errno.OK)
            throw new UserErrorException($"{PathText.Of(source)}: {LiveMountText.Explain(isLive)}");
        if (Xattrs.TryGet(to, LiveFuseHost.StatusAttribute, value, out _) is var error && error != Errno.OK)
            throw new UserErrorException($"{PathText.Of(target)}: {LiveMountText.Explain(error)}");
        _isAcross = PosixFile.Fstat(from).Device != PosixFile.Fstat(to).Device;
        return isLive == Errno.OK;
    }

    // The mount gives the new folder what it has stored of the source: false where it can't, and nothing has been made then.
    bool TryCloneWhole(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName)
    {
        const uint ownerOnly = 0x1c0;
        using var source = PosixFile.OpenAt(from, name, ToList);
        var value = new byte[LongestValue];
        var error = Xattrs.TryGet(source, LiveFileSystem.DirentAttribute, value, out var length);
        if (IsLeftToUs(error))
            return false;
        Check(error, "getxattr", name);
        Check(PosixFile.TryMkdirAt(to, newName, ownerOnly), "mkdir", newName);
        using var made = PosixFile.OpenAt(to, newName, ToList);
        error = Xattrs.TrySet(made, LiveFileSystem.DirentAttribute, value.AsSpan(0, length));
        if (error == Errno.OK)
        {
            Count(made);
            return true;
        }

        Check(PosixFile.TryRmdirAt(to, newName), "rmdir", newName);
        if (IsLeftToUs(error))
            return false;
        CheckStored(error, "setxattr", name);
        return false;
    }

    void Count(FileDescriptor made)
    {
        if (Xattrs.Get(made, LiveFileSystem.ClonedAttribute) is not { } told)
            return;
        var numbers = Encoding.ASCII.GetString(told).Split(' ');
        _entries += 1 + long.Parse(numbers[0], CultureInfo.InvariantCulture);
        _bytes += long.Parse(numbers[1], CultureInfo.InvariantCulture);
    }

    static bool IsLeftToUs(Errno error) => error is Errno.EOPNOTSUPP or Errno.EPERM or Errno.ENODATA;

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
                FileMetadata.Copy(from, name, to, newName, status);
                break;
            default:
                Check(PosixFile.TryMknodAt(to, newName, status.Mode, status.Rdev), "mknod", newName);
                FileMetadata.Copy(from, name, to, newName, status);
                break;
        }

        if (status.IsDirectory)
            return;
        _entries++;
        if (status.Links > 1)
        {
            var folder = PosixFile.OpenAt(to, "."u8, ToList);
            _kept.Add(folder);
            _links.Add(status.Inode, (folder, newName));
        }
    }

    void CloneFolder(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, in Statx status)
    {
        const uint ownerOnly = 0x1c0;
        if (_isAcross && TryCloneWhole(from, name, to, newName))
            return;
        Check(PosixFile.TryMkdirAt(to, newName, ownerOnly), "mkdir", newName);
        using var source = PosixFile.OpenAt(from, name, ToList);
        using var made = PosixFile.OpenAt(to, newName, ToList);
        foreach (var child in Directories.SortedNames(source))
            CloneEntry(source, child, made, child);
        FileMetadata.Copy(source, made, status);
        _entries++;
    }

    void CloneFile(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, in Statx status)
    {
        const uint ownerOnly = 0x180;
        using var source = PosixFile.OpenAt(from, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW);
        using var made = PosixFile.OpenAt(to, newName, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW, ownerOnly);
        if (_isAcross)
        {
            ShareContent(source, made, name);
            _bytes += status.Size;
        }

        for (var at = 0L; at < status.Size && !_isAcross;)
        {
            var copied = PosixFile.CopyFileRange(source, at, made, at, status.Size - at);
            if (copied == 0)
                break;
            at += copied;
            _bytes += copied;
        }

        FileMetadata.Copy(source, made, status);
    }

    static void ShareContent(FileDescriptor source, FileDescriptor made, byte[] name)
    {
        var reference = Xattrs.Get(source, LiveFileSystem.BlockAttribute) ?? throw new PosixException(Errno.ENODATA, "getxattr", PathText.Of(name));
        CheckStored(Xattrs.TrySet(made, LiveFileSystem.BlockAttribute, reference), "setxattr", name);
    }

    static void Check(Errno error, string call, byte[] name)
    {
        if (error != Errno.OK)
            throw new PosixException(error, call, PathText.Of(name));
    }

    static void CheckStored(Errno error, string call, byte[] name)
    {
        if (error == Errno.ENOENT)
            throw new UserErrorException($"'{PathText.Of(name)}' is not in the store that the clone would be in");
        Check(error, call, name);
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
