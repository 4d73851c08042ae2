using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>statx(2) and statvfs(3).</summary>
public static unsafe partial class PosixFile
{
    const int AT_SYMLINK_NOFOLLOW = 0x100;
    const int AT_NO_AUTOMOUNT = 0x800;
    const int AT_EMPTY_PATH = 0x1000;
    const int AT_STATX_FORCE_SYNC = 0x2000;
    const int AT_STATX_DONT_SYNC = 0x4000;
    const uint STATX_BASIC_STATS = 0x7ff;
    const uint STATX_BTIME = 0x800;
    const uint STATX_MNT_ID = 0x1000;
    const uint Wanted = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID;

    /// <summary>Tells about an open file.</summary>
    public static Statx Fstat(FileDescriptor file)
    {
        var error = TryFstat(file, out var status);
        return error == Errno.OK ? status : throw new PosixException(error, "statx");
    }

    /// <summary>Tells about an open file, but answers with the error.</summary>
    public static Errno TryFstat(FileDescriptor file, out Statx status)
    {
        byte empty = 0;
        fixed (Statx* pointer = &status)
            return ErrorOf(statx(file.Value, &empty, AT_EMPTY_PATH, Wanted, pointer), file);
    }

    /// <summary>Tells about an open file what its file system's server says now, whatever the kernel remembers (AT_STATX_FORCE_SYNC).</summary>
    public static Errno TryFstatFresh(FileDescriptor file, out Statx status)
    {
        byte empty = 0;
        fixed (Statx* pointer = &status)
            return ErrorOf(statx(file.Value, &empty, AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, Wanted, pointer), file);
    }

    /// <summary>Tells about what a path leads to, following symbolic links.</summary>
    public static Statx Stat(ReadOnlySpan<byte> path)
    {
        var error = TryStatAt(FileDescriptor.CurrentDirectory, path, follow: true, out var status);
        return error == Errno.OK ? status : throw PosixException.For(error, "statx", path);
    }

    /// <inheritdoc cref="Stat(ReadOnlySpan{byte})"/>
    public static Statx Stat(string path)
    {
        var error = TryStat(path, out var status);
        return error == Errno.OK ? status : throw new PosixException(error, "statx", path);
    }

    /// <summary>Tells about what a path names, a symbolic link itself included.</summary>
    public static Statx Lstat(ReadOnlySpan<byte> path)
    {
        var error = TryStatAt(FileDescriptor.CurrentDirectory, path, follow: false, out var status);
        return error == Errno.OK ? status : throw PosixException.For(error, "statx", path);
    }

    /// <inheritdoc cref="Lstat(ReadOnlySpan{byte})"/>
    public static Statx Lstat(string path)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        var error = StatNative(FileDescriptor.CurrentDirectory, native, follow: false, out var status);
        return error == Errno.OK ? status : throw new PosixException(error, "statx", path);
    }

    /// <summary>Tells about what our own path leads to, but answers with the error.</summary>
    public static Errno TryStat(string path, out Statx status)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        return StatNative(FileDescriptor.CurrentDirectory, native, follow: true, out status);
    }

    /// <summary>Tells about what our own path leads to what the kernel remembers, and asks no file system's server (AT_STATX_DONT_SYNC).</summary>
    public static Errno TryStatCached(string path, out Statx status)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        return StatNative(FileDescriptor.CurrentDirectory, native, follow: true, out status, AT_STATX_DONT_SYNC);
    }

    /// <summary>Tells about a name below an open directory, but answers with the error.</summary>
    /// <param name="directory">Where a relative path starts.</param>
    /// <param name="name">The path.</param>
    /// <param name="follow">Whether a symbolic link at its end is followed.</param>
    /// <param name="status">The answer; undefined after an error.</param>
    public static Errno TryStatAt(FileDescriptor directory, ReadOnlySpan<byte> name, bool follow, out Statx status)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        return StatNative(directory, native, follow, out status);
    }

    /// <summary>What the file system below a path holds and has left.</summary>
    public static FileSystemStatus Statvfs(string path)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        FileSystemStatus status = default;
        var error = Errno.EINVAL;
        if (!native.HasNul)
        {
            fixed (byte* pointer = native)
                error = statvfs(pointer, &status) < 0 ? Libc.LastError : Errno.OK;
        }

        return error == Errno.OK ? status : throw new PosixException(error, "statvfs", path);
    }

    /// <summary>What the file system of an open file holds and has left.</summary>
    public static FileSystemStatus Statvfs(FileDescriptor file)
    {
        FileSystemStatus status;
        Check(fstatvfs(file.Value, &status), "fstatvfs", file);
        return status;
    }

    static Errno StatNative(FileDescriptor directory, in NativePath path, bool follow, out Statx status, int flags = 0)
    {
        if (path.HasNul)
        {
            status = default;
            return Errno.EINVAL;
        }

        fixed (byte* pointer = path)
        fixed (Statx* result = &status)
            return ErrorOf(statx(directory.Value, pointer, AT_NO_AUTOMOUNT | flags | (follow ? 0 : AT_SYMLINK_NOFOLLOW), Wanted, result), directory);
    }

    [LibraryImport(Libc.Name)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, Statx* status);

    [LibraryImport(Libc.Name)]
    private static partial int statvfs(byte* path, FileSystemStatus* status);

    [LibraryImport(Libc.Name)]
    private static partial int fstatvfs(int fd, FileSystemStatus* status);
}
