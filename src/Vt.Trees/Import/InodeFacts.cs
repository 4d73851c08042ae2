using System.Buffers;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Import;

/// <summary>Turns what the kernel says about an inode into what a dirent keeps. Safe from any thread.</summary>
sealed class InodeFacts
{
    readonly OwnerNames _names = new();

    /// <summary>The kind of an inode; None of one that no dirent stands for.</summary>
    public static DirentKind KindOf(in Statx status) => status.Type switch
    {
        ModeBits.S_IFREG => DirentKind.File,
        ModeBits.S_IFDIR => DirentKind.Directory,
        ModeBits.S_IFLNK => DirentKind.Symlink,
        ModeBits.S_IFIFO => DirentKind.Fifo,
        ModeBits.S_IFSOCK => DirentKind.Socket,
        ModeBits.S_IFCHR => DirentKind.CharacterDevice,
        ModeBits.S_IFBLK => DirentKind.BlockDevice,
        _ => DirentKind.None,
    };

    /// <summary>All metadata but the link count, which is the tree's and not the disk's.</summary>
    public Metadata MetadataOf(in Statx status, XattrSet xattrs) => new()
    {
        Mode = status.Permissions,
        Uid = status.Uid,
        Gid = status.Gid,
        UserName = _names.User(status.Uid),
        GroupName = _names.Group(status.Gid),
        ModificationTime = TimeOf(status.ModificationTime),
        ChangeTime = TimeOf(status.ChangeTime),
        BirthTime = status.BirthTime is { } birth ? TimeOf(birth) : null,
        Device = status.Type is ModeBits.S_IFCHR or ModeBits.S_IFBLK ? new DeviceId(status.RdevMajor, status.RdevMinor) : null,
        Xattrs = xattrs,
        SourceInode = status.Inode,
    };

    /// <summary>
    /// Whether a dirent is of this very inode and nothing about it has changed since: every change of content, mode, owner or
    /// attributes moves the change time, which no program can set.
    /// </summary>
    public static bool IsUnchanged(in Statx status, Dirent previous) =>
        previous.Kind == KindOf(status)
        && previous.Metadata.SourceInode == status.Inode
        && (previous.Kind != DirentKind.File || previous.Size == status.Size)
        && previous.Metadata.ModificationTime == TimeOf(status.ModificationTime)
        && previous.Metadata.ChangeTime == TimeOf(status.ChangeTime);

    /// <summary>Whether nothing happened to a file between two looks at it.</summary>
    public static bool IsSame(in Statx before, in Statx after) =>
        before.Inode == after.Inode
        && before.Size == after.Size
        && before.Type == after.Type
        && TimeOf(before.ModificationTime) == TimeOf(after.ModificationTime)
        && TimeOf(before.ChangeTime) == TimeOf(after.ChangeTime);

    /// <summary>Reads the attributes of an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="xattrs">Receives what could be read.</param>
    /// <returns>What went wrong, if anything did.</returns>
    public static Errno ReadXattrs(FileDescriptor file, out XattrSet xattrs) => ReadXattrs(file, default, out xattrs);

    /// <summary>Reads the attributes of a name below an open directory; of a symbolic link, its own.</summary>
    public static Errno ReadXattrs(FileDescriptor directory, ReadOnlySpan<byte> name, out XattrSet xattrs)
    {
        xattrs = XattrSet.Empty;
        Span<byte> room = stackalloc byte[Dirent.LongestName + Xattrs.PathBelowRoom];
        var path = name.IsEmpty ? default : Xattrs.PathBelow(directory, name, room);
        Span<byte> few = stackalloc byte[512];
        var error = List(directory, path, few, out var length);
        if (error == Errno.OK)
            return length == 0 ? Errno.OK : ReadValues(directory, path, few[..length], out xattrs);
        if (error != Errno.ERANGE)
            return error == Errno.EOPNOTSUPP ? Errno.OK : error;
        var many = ArrayPool<byte>.Shared.Rent(Xattrs.LargestList);
        error = List(directory, path, many, out length);
        if (error == Errno.OK)
            error = ReadValues(directory, path, many.AsSpan(0, length), out xattrs);
        ArrayPool<byte>.Shared.Return(many);
        return error;
    }

    static Errno List(FileDescriptor file, ReadOnlySpan<byte> path, Span<byte> names, out int length) =>
        path.IsEmpty ? Xattrs.TryList(file, names, out length) : Xattrs.TryLList(path, names, out length);

    static Errno ReadValues(FileDescriptor file, ReadOnlySpan<byte> path, ReadOnlySpan<byte> names, out XattrSet xattrs)
    {
        var items = new List<Xattr>();
        var worst = Errno.OK;
        var value = ArrayPool<byte>.Shared.Rent(Xattrs.LargestValue);
        while (!names.IsEmpty)
        {
            var end = names.IndexOf((byte)0);
            var name = end < 0 ? names : names[..end];
            names = end < 0 ? default : names[(end + 1)..];
            if (name.IsEmpty)
                continue;
            var error = path.IsEmpty ? Xattrs.TryGet(file, name, value, out var length) : Xattrs.TryLGet(path, name, value, out length);
            if (error == Errno.OK)
                items.Add(new Xattr(name.ToArray(), value.AsSpan(0, length).ToArray()));
            else if (error is not (Errno.ENODATA or Errno.EOPNOTSUPP))
                worst = error;
        }

        ArrayPool<byte>.Shared.Return(value);
        xattrs = XattrSet.Create(items);
        return worst;
    }

    static Timestamp TimeOf(in StatxTime time) => new(time.Seconds, time.Nanoseconds);
}
