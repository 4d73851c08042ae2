using Vt.Posix;

namespace Vt.Trees.Shadow;

/// <summary>Opens, removes and moves a shadow's own things. Never follows a symbolic link.</summary>
static class FolderTrees
{
    /// <summary>Opens a directory, from the top down, and through no symbolic link.</summary>
    /// <param name="top">Where to begin.</param>
    /// <param name="path">The path below that; empty for the top.</param>
    /// <returns>Null where there is none.</returns>
    public static FileDescriptor? TryOpen(FileDescriptor top, ReadOnlySpan<byte> path)
    {
        var at = top.Duplicate();
        while (!path.IsEmpty)
        {
            var slash = path.IndexOf((byte)'/');
            var name = slash < 0 ? path : path[..slash];
            path = slash < 0 ? default : path[(slash + 1)..];
            var error = PosixFile.TryOpenAt(at, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out var next);
            at.Dispose();
            if (error != Errno.OK)
            {
                next.Dispose();
                return null;
            }

            at = next;
        }

        return at;
    }

    const uint Full = 0x1c0;

    /// <summary>The names in an open directory.</summary>
    public static List<byte[]> NamesIn(FileDescriptor folder)
    {
        var names = new List<byte[]>();
        using var again = PosixFile.OpenAt(folder, "."u8, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        foreach (var entry in new DirectoryListing(again))
            names.Add(entry.Name.ToArray());
        return names;
    }

    /// <summary>Removes a name with all below it; what can't be removed stays.</summary>
    public static void Remove(FileDescriptor folder, ReadOnlySpan<byte> name)
    {
        if (PosixFile.TryUnlinkAt(folder, name) is not (Errno.EISDIR or Errno.EPERM))
            return;
        if (PosixFile.TryOpenAt(folder, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out var inner) == Errno.OK)
        {
            _ = Ownership.TryChmod(inner, Full);
            RemoveBelow(inner);
        }

        inner.Dispose();
        _ = PosixFile.TryRmdirAt(folder, name);
    }

    /// <summary>Removes all that is in an open directory.</summary>
    public static void RemoveBelow(FileDescriptor folder)
    {
        foreach (var name in NamesIn(folder))
            Remove(folder, name);
    }

    /// <summary>Moves a name; also a directory that its owner may not write to, which a move needs.</summary>
    public static Errno Move(FileDescriptor from, ReadOnlySpan<byte> name, FileDescriptor to, ReadOnlySpan<byte> moved, in Statx status, uint flags = 0)
    {
        var error = PosixFile.TryRenameAt(from, name, to, moved, flags);
        if (error != Errno.EACCES || !status.IsDirectory)
            return error;
        if (PosixFile.TryOpenAt(from, name, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out var inner) == Errno.OK)
        {
            _ = Ownership.TryChmodPath(inner, status.Permissions | Full);
            error = PosixFile.TryRenameAt(from, name, to, moved, flags);
            _ = Ownership.TryChmodPath(inner, status.Permissions);
        }

        inner.Dispose();
        return error;
    }
}
