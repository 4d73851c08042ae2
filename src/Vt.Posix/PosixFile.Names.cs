using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>Names: rename(2), unlink(2), mkdir(2), link(2), symlink(2), readlink(2), mknod(2).</summary>
public static unsafe partial class PosixFile
{
    /// <summary>Fails with EEXIST where the new name is taken (renameat2(2)).</summary>
    public const uint RENAME_NOREPLACE = 1;

    /// <summary>Swaps the two names.</summary>
    public const uint RENAME_EXCHANGE = 2;

    const int AT_REMOVEDIR = 0x200;
    const int AT_SYMLINK_FOLLOW = 0x400;
    const int LongestLink = 4096;

    /// <summary>Renames, replacing what has the new name.</summary>
    public static void Rename(string from, string to)
    {
        using var nativeFrom = new NativePath(from, stackalloc byte[NativePath.StackRoom]);
        using var nativeTo = new NativePath(to, stackalloc byte[NativePath.StackRoom]);
        Check(RenameNative(FileDescriptor.CurrentDirectory, nativeFrom, FileDescriptor.CurrentDirectory, nativeTo, 0), "rename", from);
    }

    /// <summary>Renames, replacing what has the new name.</summary>
    public static void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) =>
        Check(TryRenameAt(FileDescriptor.CurrentDirectory, from, FileDescriptor.CurrentDirectory, to), "rename", from);

    /// <summary>Renames between open directories, but answers with the error.</summary>
    /// <param name="fromDirectory">Where the old path starts.</param>
    /// <param name="from">The old path.</param>
    /// <param name="toDirectory">Where the new path starts.</param>
    /// <param name="to">The new path.</param>
    /// <param name="flags">0 or RENAME values.</param>
    public static Errno TryRenameAt(
        FileDescriptor fromDirectory, ReadOnlySpan<byte> from, FileDescriptor toDirectory, ReadOnlySpan<byte> to, uint flags = 0)
    {
        using var nativeFrom = new NativePath(from, stackalloc byte[NativePath.StackRoom]);
        using var nativeTo = new NativePath(to, stackalloc byte[NativePath.StackRoom]);
        return RenameNative(fromDirectory, nativeFrom, toDirectory, nativeTo, flags);
    }

    /// <summary>Removes a name that isn't a directory.</summary>
    public static void Unlink(ReadOnlySpan<byte> path) =>
        Check(TryUnlinkAt(FileDescriptor.CurrentDirectory, path), "unlink", path);

    /// <inheritdoc cref="Unlink(ReadOnlySpan{byte})"/>
    public static void Unlink(string path) => Check(TryUnlink(path), "unlink", path);

    /// <summary>Removes our own file's name, but answers with the error.</summary>
    public static Errno TryUnlink(string path)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        return UnlinkNative(FileDescriptor.CurrentDirectory, native, 0);
    }

    /// <summary>Removes a name below an open directory that isn't a directory, but answers with the error.</summary>
    public static Errno TryUnlinkAt(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        return UnlinkNative(directory, native, 0);
    }

    /// <summary>Removes an empty directory.</summary>
    public static void Rmdir(ReadOnlySpan<byte> path) =>
        Check(TryRmdirAt(FileDescriptor.CurrentDirectory, path), "rmdir", path);

    /// <inheritdoc cref="Rmdir(ReadOnlySpan{byte})"/>
    public static void Rmdir(string path)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        Check(UnlinkNative(FileDescriptor.CurrentDirectory, native, AT_REMOVEDIR), "rmdir", path);
    }

    /// <summary>Removes an empty directory below an open one, but answers with the error.</summary>
    public static Errno TryRmdirAt(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        return UnlinkNative(directory, native, AT_REMOVEDIR);
    }

    /// <summary>Makes a directory.</summary>
    public static void Mkdir(ReadOnlySpan<byte> path, uint mode = 0x1ff) =>
        Check(TryMkdirAt(FileDescriptor.CurrentDirectory, path, mode), "mkdir", path);

    /// <inheritdoc cref="Mkdir(ReadOnlySpan{byte}, uint)"/>
    public static void Mkdir(string path, uint mode = 0x1ff) => Check(TryMkdir(path, mode), "mkdir", path);

    /// <summary>Makes our own directory, but answers with the error.</summary>
    public static Errno TryMkdir(string path, uint mode = 0x1ff)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        return MkdirNative(FileDescriptor.CurrentDirectory, native, mode);
    }

    /// <summary>Makes a directory below an open one, but answers with the error.</summary>
    public static Errno TryMkdirAt(FileDescriptor directory, ReadOnlySpan<byte> name, uint mode = 0x1ff)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        return MkdirNative(directory, native, mode);
    }

    /// <summary>Gives a file another name.</summary>
    public static void Link(ReadOnlySpan<byte> existing, ReadOnlySpan<byte> added) =>
        Check(TryLinkAt(FileDescriptor.CurrentDirectory, existing, FileDescriptor.CurrentDirectory, added), "link", added);

    /// <summary>Gives a file another name, itself where it is a symbolic link, but answers with the error (linkat(2)).</summary>
    public static Errno TryLinkAt(FileDescriptor directory, ReadOnlySpan<byte> existing, FileDescriptor addedDirectory, ReadOnlySpan<byte> added)
    {
        using var nativeExisting = new NativePath(existing, stackalloc byte[NativePath.StackRoom]);
        using var nativeAdded = new NativePath(added, stackalloc byte[NativePath.StackRoom]);
        if (nativeExisting.HasNul || nativeAdded.HasNul)
            return Errno.EINVAL;
        fixed (byte* first = nativeExisting)
        fixed (byte* second = nativeAdded)
        {
            var error = ErrorOf(linkat(directory.Value, first, addedDirectory.Value, second, 0), directory);
            GC.KeepAlive(addedDirectory);
            return error;
        }
    }

    /// <summary>
    /// Gives an open file a name, one that has none included (open(2), O_TMPFILE): by the descriptor where the kernel lets this
    /// process do so, else by way of /proc.
    /// </summary>
    /// <param name="file">The file, not opened with O_EXCL.</param>
    /// <param name="directory">Where the name is to be.</param>
    /// <param name="added">The name; what has it already is never replaced.</param>
    /// <returns>EEXIST where the name is taken; ENOENT where neither way is open.</returns>
    public static Errno TryLinkFileAt(FileDescriptor file, FileDescriptor directory, ReadOnlySpan<byte> added)
    {
        using var native = new NativePath(added, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return Errno.EINVAL;
        byte empty = 0;
        fixed (byte* name = native)
        {
            // Linux asks for CAP_DAC_READ_SEARCH here up to 6.9, and answers ENOENT.
            var error = ErrorOf(linkat(file.Value, &empty, directory.Value, name, AT_EMPTY_PATH), file);
            if (error == Errno.ENOENT)
            {
                Span<byte> room = stackalloc byte[Xattrs.PathBelowRoom];
                using var path = new NativePath(Xattrs.PathBelow(file, default, room), stackalloc byte[NativePath.StackRoom]);
                fixed (byte* opened = path)
                    error = ErrorOf(linkat(FileDescriptor.CurrentDirectory.Value, opened, directory.Value, name, AT_SYMLINK_FOLLOW), file);
            }

            GC.KeepAlive(directory);
            return error;
        }
    }

    /// <summary>Makes a symbolic link.</summary>
    public static void Symlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path) =>
        Check(TrySymlinkAt(target, FileDescriptor.CurrentDirectory, path), "symlink", path);

    /// <summary>Makes a symbolic link below an open directory, but answers with the error.</summary>
    public static Errno TrySymlinkAt(ReadOnlySpan<byte> target, FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        using var nativeTarget = new NativePath(target, stackalloc byte[NativePath.StackRoom]);
        using var nativeName = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (nativeTarget.HasNul || nativeName.HasNul)
            return Errno.EINVAL;
        fixed (byte* first = nativeTarget)
        fixed (byte* second = nativeName)
            return ErrorOf(symlinkat(first, directory.Value, second), directory);
    }

    /// <summary>Where a symbolic link points.</summary>
    public static byte[] Readlink(ReadOnlySpan<byte> path)
    {
        var error = TryReadlinkAt(FileDescriptor.CurrentDirectory, path, out var target);
        return error == Errno.OK ? target : throw PosixException.For(error, "readlink", path);
    }

    /// <summary>Where a symbolic link below an open directory points, but answers with the error.</summary>
    public static Errno TryReadlinkAt(FileDescriptor directory, ReadOnlySpan<byte> name, out byte[] target)
    {
        target = [];
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return Errno.EINVAL;
        var room = stackalloc byte[LongestLink];
        fixed (byte* pointer = native)
        {
            var length = readlinkat(directory.Value, pointer, room, LongestLink);
            var error = length < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(directory);
            if (error == Errno.OK)
                target = new ReadOnlySpan<byte>(room, (int)length).ToArray();
            return error;
        }
    }

    /// <summary>Makes a special file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mode">Type and permissions.</param>
    /// <param name="device">Of a device: its number as <see cref="DeviceNumber.Make"/> gives it.</param>
    public static void Mknod(ReadOnlySpan<byte> path, uint mode, ulong device = 0) =>
        Check(TryMknodAt(FileDescriptor.CurrentDirectory, path, mode, device), "mknod", path);

    /// <summary>Makes a special file below an open directory, but answers with the error.</summary>
    public static Errno TryMknodAt(FileDescriptor directory, ReadOnlySpan<byte> name, uint mode, ulong device = 0)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return Errno.EINVAL;
        fixed (byte* pointer = native)
            return ErrorOf(mknodat(directory.Value, pointer, mode, device), directory);
    }

    /// <summary>Makes the names in a directory durable: opens it, fsyncs it, closes it.</summary>
    public static void SyncDirectory(string path)
    {
        using var directory = Open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        var error = ErrorOf(fsync(directory.Value), directory);
        Check(error, "fsync", path);
    }

    static Errno RenameNative(FileDescriptor fromDirectory, in NativePath from, FileDescriptor toDirectory, in NativePath to, uint flags)
    {
        if (from.HasNul || to.HasNul)
            return Errno.EINVAL;
        fixed (byte* first = from)
        fixed (byte* second = to)
        {
            var error = ErrorOf(renameat2(fromDirectory.Value, first, toDirectory.Value, second, flags), fromDirectory);
            GC.KeepAlive(toDirectory);
            return error;
        }
    }

    static Errno UnlinkNative(FileDescriptor directory, in NativePath path, int flags)
    {
        if (path.HasNul)
            return Errno.EINVAL;
        fixed (byte* pointer = path)
            return ErrorOf(unlinkat(directory.Value, pointer, flags), directory);
    }

    static Errno MkdirNative(FileDescriptor directory, in NativePath path, uint mode)
    {
        if (path.HasNul)
            return Errno.EINVAL;
        fixed (byte* pointer = path)
            return ErrorOf(mkdirat(directory.Value, pointer, mode), directory);
    }

    static void Check(Errno error, string call, string path)
    {
        if (error != Errno.OK)
            throw new PosixException(error, call, path);
    }

    static void Check(Errno error, string call, ReadOnlySpan<byte> path)
    {
        if (error != Errno.OK)
            throw PosixException.For(error, call, path);
    }

    [LibraryImport(Libc.Name)]
    private static partial int renameat2(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags);

    [LibraryImport(Libc.Name)]
    private static partial int unlinkat(int directory, byte* path, int flags);

    [LibraryImport(Libc.Name)]
    private static partial int mkdirat(int directory, byte* path, uint mode);

    [LibraryImport(Libc.Name)]
    private static partial int linkat(int directory, byte* existing, int addedDirectory, byte* added, int flags);

    [LibraryImport(Libc.Name)]
    private static partial int symlinkat(byte* target, int directory, byte* path);

    [LibraryImport(Libc.Name)]
    private static partial nint readlinkat(int directory, byte* path, byte* buffer, nuint size);

    [LibraryImport(Libc.Name)]
    private static partial int mknodat(int directory, byte* path, uint mode, ulong device);
}
