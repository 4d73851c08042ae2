using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Mounts;

/// <summary>
/// Copies files and trees between ordinary folders by system calls, one of which is a mount: content with its holes, links, owners, permissions, attributes, times. No file
/// is ever half there under its own name: it gets that once it is whole and durable.
/// </summary>
/// <param name="onIssue">Told of what could not be copied as it is.</param>
/// <param name="cancellationToken">Stops; what was copied stays.</param>
sealed class FileCopier(Action<string> onIssue, CancellationToken cancellationToken)
{
    const OpenFlags ToList = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    const uint ForOwner = 0x180;
    const uint FolderForOwner = 0x1c0;
    const int PieceBytes = 1 << 20;

    readonly byte[] _buffer = new byte[PieceBytes];

    // Where an inode with several names was copied first.
    readonly Dictionary<(ulong Device, ulong Inode), byte[]> _links = [];
    long _bytes;
    long _entries;

    /// <summary>Bytes of content copied; readable from any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Entries copied; readable from any thread.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <summary>Whether something could not be copied as it is.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Copies a file or a tree.</summary>
    /// <param name="source">Its path.</param>
    /// <param name="target">The path of the copy. A folder that is there is merged into, a file is replaced.</param>
    /// <param name="overwrite">Whether what is there is replaced; otherwise it stays, and is told of.</param>
    /// <exception cref="PosixException">The source itself can't be read, or the target not be made.</exception>
    public void Copy(byte[] source, byte[] target, bool overwrite)
    {
        var (fromFolder, fromName) = Split(source);
        var (toFolder, toName) = Split(target);
        using var from = PosixFile.Open(fromFolder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        using var to = PosixFile.Open(toFolder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        CopyEntry(from, fromName, to, toName, target, overwrite);
        PosixFile.Fsync(to);
    }

    void CopyEntry(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, byte[] path, bool overwrite)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Check(PosixFile.TryStatAt(from, name, follow: false, out var status), "stat", name);
        var isThere = PosixFile.TryStatAt(to, newName, follow: false, out var there) == Errno.OK;
        if (status.IsDirectory)
        {
            CopyFolder(from, name, to, newName, path, status, isThere && there.IsDirectory, overwrite);
            return;
        }

        if (isThere && (!overwrite || there.IsDirectory))
        {
            Tell(path, there.IsDirectory ? "a folder has that name, and stays" : "it is there already, and stays");
            return;
        }

        var temporary = System.Text.Encoding.ASCII.GetBytes($".vtftp-{Guid.NewGuid():N}");
        try
        {
            Make(from, name, to, temporary, path, status);
            Check(PosixFile.TryRenameAt(to, temporary, to, newName), "rename", newName);
        }
        catch
        {
            PosixFile.TryUnlinkAt(to, temporary);
            throw;
        }

        if (status.Links > 1)
            _links.TryAdd((status.Device, status.Inode), path);
        Interlocked.Increment(ref _entries);
    }

    void Make(FileDescriptor from, byte[] name, FileDescriptor to, byte[] temporary, byte[] path, in Statx status)
    {
        if (status.Links > 1 && _links.TryGetValue((status.Device, status.Inode), out var first))
        {
            var (folder, firstName) = Split(first);
            using var place = PosixFile.Open(folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
            Check(PosixFile.TryLinkAt(place, firstName, to, temporary), "link", name);
            return;
        }

        switch (status.Type)
        {
            case ModeBits.S_IFREG:
                CopyFile(from, name, to, temporary, path, status);
                break;
            case ModeBits.S_IFLNK:
                Check(PosixFile.TryReadlinkAt(from, name, out var target), "readlink", name);
                Check(PosixFile.TrySymlinkAt(target, to, temporary), "symlink", name);
                FileMetadata.Copy(from, name, to, temporary, status, Refused(path));
                break;
            default:
                Check(PosixFile.TryMknodAt(to, temporary, status.Mode, status.Rdev), "mknod", name);
                FileMetadata.Copy(from, name, to, temporary, status, Refused(path));
                break;
        }
    }

    void CopyFolder(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, byte[] path, in Statx status, bool isThere, bool overwrite)
    {
        if (!isThere)
            Check(PosixFile.TryMkdirAt(to, newName, FolderForOwner), "mkdir", newName);
        using var source = PosixFile.OpenAt(from, name, ToList);
        using var made = PosixFile.OpenAt(to, newName, ToList);
        foreach (var child in Directories.SortedNames(source))
        {
            try
            {
                CopyEntry(source, child, made, child, [.. path, (byte)'/', .. child], overwrite);
            }
            catch (PosixException fault) when (fault.Error is not (Errno.ENOSPC or Errno.EDQUOT or Errno.EIO or Errno.ENOTCONN or Errno.EROFS))
            {
                Tell([.. path, (byte)'/', .. child], fault.Message);
            }
        }

        if (!isThere || overwrite)
            FileMetadata.Copy(source, made, status, Refused(path));
        PosixFile.Fsync(made);
        Interlocked.Increment(ref _entries);
    }

    void CopyFile(FileDescriptor from, byte[] name, FileDescriptor to, byte[] temporary, byte[] path, in Statx status)
    {
        using var source = PosixFile.OpenAt(from, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW);
        using var made = PosixFile.OpenAt(to, temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW, ForOwner);
        var size = PosixFile.Fstat(source).Size;
        for (var at = 0L; at < size;)
        {
            var data = NextData(source, at, size);
            var end = data < size ? PosixFile.Lseek(source, data, PosixFile.SEEK_HOLE) : size;
            for (at = data; at < end;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = PosixFile.PreadUpTo(source, _buffer.AsSpan(0, (int)Math.Min(PieceBytes, end - at)), at);
                if (count == 0)
                    throw new UserErrorException($"{PathText.Of(path)}: the file became shorter while it was read");
                PosixFile.PwriteFully(made, _buffer.AsSpan(0, count), at);
                at += count;
                Interlocked.Add(ref _bytes, count);
            }
        }

        PosixFile.Ftruncate(made, size);
        FileMetadata.Copy(source, made, status, Refused(path));

        // Carries what is said to be copied: the name comes after the content is durable.
        PosixFile.Fsync(made);
    }

    static long NextData(FileDescriptor file, long at, long size) => PosixFile.Lseek(file, at, PosixFile.SEEK_DATA) is >= 0 and var data ? data : size;

    // An owner that only root may give, an attribute that the file system doesn't know: told, and the rest goes on.
    Func<string, Errno, bool> Refused(byte[] path) => (call, error) =>
    {
        if (error is not (Errno.EPERM or Errno.EOPNOTSUPP or Errno.EINVAL))
            return false;
        Tell(path, $"{call} is refused: {new PosixException(error, call).Message}");
        return true;
    };

    void Tell(byte[] path, string what)
    {
        IsPartial = true;
        onIssue($"{PathText.Of(path)}: {what}");
    }

    static void Check(Errno error, string call, byte[] name)
    {
        if (error != Errno.OK)
            throw new PosixException(error, call, PathText.Of(name));
    }

    static (byte[] Folder, byte[] Name) Split(byte[] path)
    {
        var slash = path.AsSpan().LastIndexOf((byte)'/');
        return (slash <= 0 ? "/"u8.ToArray() : path[..slash], path[(slash + 1)..]);
    }
}
