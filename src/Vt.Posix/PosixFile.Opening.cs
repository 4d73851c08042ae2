using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>open(2) and openat(2).</summary>
public static unsafe partial class PosixFile
{
    /// <summary>Opens a file; closed on exec.</summary>
    /// <param name="path">The path, without a NUL.</param>
    /// <param name="flags">How.</param>
    /// <param name="mode">Of a file that is made: its permissions, before the umask.</param>
    /// <exception cref="PosixException">The system refuses.</exception>
    public static FileDescriptor Open(ReadOnlySpan<byte> path, OpenFlags flags, uint mode = 0) =>
        OpenAt(FileDescriptor.CurrentDirectory, path, flags, mode);

    /// <summary>Opens a file whose path is our own text; closed on exec.</summary>
    /// <inheritdoc cref="Open(ReadOnlySpan{byte}, OpenFlags, uint)"/>
    public static FileDescriptor Open(string path, OpenFlags flags, uint mode = 0)
    {
        var error = TryOpen(path, flags, mode, out var file);
        return error == Errno.OK ? file : throw new PosixException(error, "open", path);
    }

    /// <summary>Opens a file below an open directory; closed on exec.</summary>
    /// <inheritdoc cref="Open(ReadOnlySpan{byte}, OpenFlags, uint)"/>
    /// <param name="directory">Where a relative path starts.</param>
    /// <param name="name">The path, without a NUL.</param>
    /// <param name="flags">How.</param>
    /// <param name="mode">Of a file that is made: its permissions, before the umask.</param>
    public static FileDescriptor OpenAt(FileDescriptor directory, ReadOnlySpan<byte> name, OpenFlags flags, uint mode = 0)
    {
        var error = TryOpenAt(directory, name, flags, mode, out var file);
        return error == Errno.OK ? file : throw PosixException.For(error, "open", name);
    }

    /// <summary>Opens a file as <see cref="Open(ReadOnlySpan{byte}, OpenFlags, uint)"/>, but answers with the error.</summary>
    /// <param name="path">The path.</param>
    /// <param name="flags">How.</param>
    /// <param name="mode">Of a file that is made: its permissions, before the umask.</param>
    /// <param name="file">The file, to be disposed by the caller; an invalid descriptor after an error.</param>
    public static Errno TryOpen(ReadOnlySpan<byte> path, OpenFlags flags, uint mode, out FileDescriptor file) =>
        TryOpenAt(FileDescriptor.CurrentDirectory, path, flags, mode, out file);

    /// <inheritdoc cref="TryOpen(ReadOnlySpan{byte}, OpenFlags, uint, out FileDescriptor)"/>
    public static Errno TryOpen(string path, OpenFlags flags, uint mode, out FileDescriptor file)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        return OpenNative(FileDescriptor.CurrentDirectory, native, flags, mode, out file);
    }

    /// <summary>Opens a file below an open directory, but answers with the error.</summary>
    /// <inheritdoc cref="TryOpen(ReadOnlySpan{byte}, OpenFlags, uint, out FileDescriptor)"/>
    public static Errno TryOpenAt(FileDescriptor directory, ReadOnlySpan<byte> name, OpenFlags flags, uint mode, out FileDescriptor file)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        return OpenNative(directory, native, flags, mode, out file);
    }

    static Errno OpenNative(FileDescriptor directory, in NativePath path, OpenFlags flags, uint mode, out FileDescriptor file)
    {
        var error = Errno.EINVAL;
        if (!path.HasNul)
        {
            fixed (byte* pointer = path)
            {
                int fd;
                do
                {
                    fd = openat(directory.Value, pointer, OpenFlagNumbers.ToNative(flags | OpenFlags.O_CLOEXEC), mode);
                    error = fd < 0 ? Libc.LastError : Errno.OK;
                }
                while (error == Errno.EINTR);

                GC.KeepAlive(directory);
                file = new FileDescriptor(fd);
                return error;
            }
        }

        file = new FileDescriptor(-1);
        return error;
    }

    [LibraryImport(Libc.Name)]
    private static partial int openat(int directory, byte* path, int flags, uint mode);
}
