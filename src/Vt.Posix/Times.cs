using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>Sets times: utimensat(2), futimens(3).</summary>
public static unsafe partial class Times
{
    const int AT_FDCWD = -100;
    const int AT_SYMLINK_NOFOLLOW = 0x100;

    /// <summary>Sets access and modification time of an open file; not one opened with O_PATH.</summary>
    public static Errno TrySet(FileDescriptor file, TimeSetting access, TimeSetting modification)
    {
        var times = stackalloc TimeSetting[2] { access, modification };
        var error = futimens(file.Value, times) < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(file);
        return error;
    }

    /// <summary>Sets access and modification time of a name below an open directory; of a symbolic link, its own.</summary>
    public static Errno TrySetAt(FileDescriptor directory, ReadOnlySpan<byte> name, TimeSetting access, TimeSetting modification)
    {
        var times = stackalloc TimeSetting[2] { access, modification };
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return Errno.EINVAL;
        fixed (byte* pointer = native)
        {
            var error = utimensat(directory.Value, pointer, times, AT_SYMLINK_NOFOLLOW) < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(directory);
            return error;
        }
    }

    /// <summary>Sets access and modification time of whatever a descriptor stands for, one opened with O_PATH too, through <c>/proc</c>.</summary>
    public static Errno TrySetPath(FileDescriptor file, TimeSetting access, TimeSetting modification)
    {
        var times = stackalloc TimeSetting[2] { access, modification };
        Span<byte> room = stackalloc byte[Xattrs.PathBelowRoom];
        using var native = new NativePath(Xattrs.PathBelow(file, [], room), stackalloc byte[NativePath.StackRoom]);
        fixed (byte* pointer = native)
        {
            var error = utimensat(AT_FDCWD, pointer, times, 0) < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(file);
            return error;
        }
    }

    [LibraryImport(Libc.Name)]
    private static partial int futimens(int fd, TimeSetting* times);

    [LibraryImport(Libc.Name)]
    private static partial int utimensat(int directory, byte* path, TimeSetting* times, int flags);
}
