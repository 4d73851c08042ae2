using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>
/// Extended attributes (xattr(7)): getxattr(2), listxattr(2), setxattr(2), removexattr(2), each by descriptor, by path, and by
/// path without following a symbolic link at its end ("L").
/// </summary>
public static unsafe partial class Xattrs
{
    /// <summary>The kernel's limit of one value, in bytes.</summary>
    public const int LargestValue = 65536;

    /// <summary>The kernel's limit of one file's list of names, in bytes.</summary>
    public const int LargestList = 65536;

    /// <summary>Fails with EEXIST where the name is there.</summary>
    public const int XATTR_CREATE = 1;

    /// <summary>Fails with ENODATA where the name isn't there.</summary>
    public const int XATTR_REPLACE = 2;

    enum Reach
    {
        File,
        Path,
        Link,
    }

    /// <summary>Reads a value into the caller's buffer.</summary>
    /// <param name="file">The file; not one opened with O_PATH.</param>
    /// <param name="name">The full name, such as <c>user.mime_type</c>.</param>
    /// <param name="value">Receives the value; empty asks for the length only.</param>
    /// <param name="length">The value's length.</param>
    /// <returns>ENODATA where there is none, ERANGE where the buffer is too small.</returns>
    public static Errno TryGet(FileDescriptor file, ReadOnlySpan<byte> name, Span<byte> value, out int length) =>
        GetNative(Reach.File, file, default, name, value, out length);

    /// <inheritdoc cref="TryGet(FileDescriptor, ReadOnlySpan{byte}, Span{byte}, out int)"/>
    public static Errno TryGet(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, out int length) =>
        GetNative(Reach.Path, null, path, name, value, out length);

    /// <inheritdoc cref="TryGet(FileDescriptor, ReadOnlySpan{byte}, Span{byte}, out int)"/>
    public static Errno TryLGet(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, out int length) =>
        GetNative(Reach.Link, null, path, name, value, out length);

    /// <summary>A value; null where there is none, or where the file system has none at all.</summary>
    public static byte[]? Get(FileDescriptor file, ReadOnlySpan<byte> name) => GetWhole(Reach.File, file, default, name);

    /// <inheritdoc cref="Get(FileDescriptor, ReadOnlySpan{byte})"/>
    public static byte[]? Get(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name) => GetWhole(Reach.Path, null, path, name);

    /// <inheritdoc cref="Get(FileDescriptor, ReadOnlySpan{byte})"/>
    public static byte[]? LGet(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name) => GetWhole(Reach.Link, null, path, name);

    /// <summary>Reads the list of names, each with a NUL behind it, into the caller's buffer.</summary>
    /// <returns>ERANGE where the buffer is too small, EOPNOTSUPP where the file system has none.</returns>
    public static Errno TryList(FileDescriptor file, Span<byte> names, out int length) => ListNative(Reach.File, file, default, names, out length);

    /// <inheritdoc cref="TryList(FileDescriptor, Span{byte}, out int)"/>
    public static Errno TryList(ReadOnlySpan<byte> path, Span<byte> names, out int length) => ListNative(Reach.Path, null, path, names, out length);

    /// <inheritdoc cref="TryList(FileDescriptor, Span{byte}, out int)"/>
    public static Errno TryLList(ReadOnlySpan<byte> path, Span<byte> names, out int length) => ListNative(Reach.Link, null, path, names, out length);

    /// <summary>All names, in the order of their bytes; none where the file system has no attributes.</summary>
    public static List<byte[]> List(FileDescriptor file) => ListWhole(Reach.File, file, default);

    /// <inheritdoc cref="List(FileDescriptor)"/>
    public static List<byte[]> List(ReadOnlySpan<byte> path) => ListWhole(Reach.Path, null, path);

    /// <inheritdoc cref="List(FileDescriptor)"/>
    public static List<byte[]> LList(ReadOnlySpan<byte> path) => ListWhole(Reach.Link, null, path);

    /// <summary>Sets a value, but answers with the error.</summary>
    /// <param name="file">The file; not one opened with O_PATH.</param>
    /// <param name="name">The full name.</param>
    /// <param name="value">The value; may be empty.</param>
    /// <param name="flags">0, <see cref="XATTR_CREATE"/> or <see cref="XATTR_REPLACE"/>.</param>
    public static Errno TrySet(FileDescriptor file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags = 0) =>
        SetNative(Reach.File, file, default, name, value, flags);

    /// <inheritdoc cref="TrySet(FileDescriptor, ReadOnlySpan{byte}, ReadOnlySpan{byte}, int)"/>
    public static Errno TrySet(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags = 0) =>
        SetNative(Reach.Path, null, path, name, value, flags);

    /// <inheritdoc cref="TrySet(FileDescriptor, ReadOnlySpan{byte}, ReadOnlySpan{byte}, int)"/>
    public static Errno TryLSet(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags = 0) =>
        SetNative(Reach.Link, null, path, name, value, flags);

    /// <summary>Removes a name, but answers with the error.</summary>
    public static Errno TryRemove(FileDescriptor file, ReadOnlySpan<byte> name) => RemoveNative(Reach.File, file, default, name);

    /// <inheritdoc cref="TryRemove(FileDescriptor, ReadOnlySpan{byte})"/>
    public static Errno TryRemove(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name) => RemoveNative(Reach.Path, null, path, name);

    /// <inheritdoc cref="TryRemove(FileDescriptor, ReadOnlySpan{byte})"/>
    public static Errno TryLRemove(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name) => RemoveNative(Reach.Link, null, path, name);

    /// <summary>
    /// A path that reaches a name below an open directory, for the calls that have no variant relative to a descriptor:
    /// <c>/proc/self/fd/N/name</c>.
    /// </summary>
    /// <param name="directory">The directory; must stay open while the path is used.</param>
    /// <param name="name">One name.</param>
    /// <param name="room">Receives the path; <see cref="PathBelowRoom"/> more than the name is enough.</param>
    public static ReadOnlySpan<byte> PathBelow(FileDescriptor directory, ReadOnlySpan<byte> name, Span<byte> room)
    {
        var prefix = "/proc/self/fd/"u8;
        prefix.CopyTo(room);
        var length = prefix.Length;
        _ = Utf8Formatter.TryFormat(directory.Value, room[length..], out var digits);
        length += digits;
        if (!name.IsEmpty)
        {
            room[length++] = (byte)'/';
            name.CopyTo(room[length..]);
            length += name.Length;
        }

        return room[..length];
    }

    /// <summary>How much longer than the name a path of <see cref="PathBelow"/> may be.</summary>
    public const int PathBelowRoom = 32;

    static byte[]? GetWhole(Reach reach, FileDescriptor? file, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        Span<byte> small = stackalloc byte[256];
        var error = GetNative(reach, file, path, name, small, out var length);
        if (error == Errno.OK)
            return small[..length].ToArray();
        if (error == Errno.ERANGE)
        {
            var large = ArrayPool<byte>.Shared.Rent(LargestValue);
            error = GetNative(reach, file, path, name, large, out length);
            var value = error == Errno.OK ? large.AsSpan(0, length).ToArray() : null;
            ArrayPool<byte>.Shared.Return(large);
            if (error == Errno.OK)
                return value;
        }

        return error is Errno.ENODATA or Errno.EOPNOTSUPP ? null : throw new PosixException(error, "getxattr", PathText.Of(name));
    }

    static List<byte[]> ListWhole(Reach reach, FileDescriptor? file, ReadOnlySpan<byte> path)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LargestList);
        var error = ListNative(reach, file, path, buffer, out var length);
        var names = new List<byte[]>();
        for (var rest = buffer.AsSpan(0, length); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            names.Add(rest[..end].ToArray());
            rest = rest[(end + 1)..];
        }

        ArrayPool<byte>.Shared.Return(buffer);
        if (error is not Errno.OK and not Errno.EOPNOTSUPP)
            throw new PosixException(error, "listxattr");
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return names;
    }

    static Errno GetNative(Reach reach, FileDescriptor? file, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        using var nativePath = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        using var nativeName = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (nativePath.HasNul || nativeName.HasNul)
            return Errno.EINVAL;
        fixed (byte* p = nativePath)
        fixed (byte* n = nativeName)
        fixed (byte* v = value)
        {
            var got = reach switch
            {
                Reach.File => fgetxattr(file!.Value, n, v, (nuint)value.Length),
                Reach.Path => getxattr(p, n, v, (nuint)value.Length),
                _ => lgetxattr(p, n, v, (nuint)value.Length),
            };
            var error = got < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(file);
            length = Math.Max((int)got, 0);
            return error;
        }
    }

    static Errno ListNative(Reach reach, FileDescriptor? file, ReadOnlySpan<byte> path, Span<byte> names, out int length)
    {
        length = 0;
        using var nativePath = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        if (nativePath.HasNul)
            return Errno.EINVAL;
        fixed (byte* p = nativePath)
        fixed (byte* v = names)
        {
            var got = reach switch
            {
                Reach.File => flistxattr(file!.Value, v, (nuint)names.Length),
                Reach.Path => listxattr(p, v, (nuint)names.Length),
                _ => llistxattr(p, v, (nuint)names.Length),
            };
            var error = got < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(file);
            length = Math.Max((int)got, 0);
            return error;
        }
    }

    static Errno SetNative(Reach reach, FileDescriptor? file, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags)
    {
        using var nativePath = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        using var nativeName = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (nativePath.HasNul || nativeName.HasNul)
            return Errno.EINVAL;
        fixed (byte* p = nativePath)
        fixed (byte* n = nativeName)
        fixed (byte* v = value)
        {
            var result = reach switch
            {
                Reach.File => fsetxattr(file!.Value, n, v, (nuint)value.Length, flags),
                Reach.Path => setxattr(p, n, v, (nuint)value.Length, flags),
                _ => lsetxattr(p, n, v, (nuint)value.Length, flags),
            };
            var error = result < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(file);
            return error;
        }
    }

    static Errno RemoveNative(Reach reach, FileDescriptor? file, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        using var nativePath = new NativePath(path, stackalloc byte[NativePath.StackRoom]);
        using var nativeName = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (nativePath.HasNul || nativeName.HasNul)
            return Errno.EINVAL;
        fixed (byte* p = nativePath)
        fixed (byte* n = nativeName)
        {
            var result = reach switch
            {
                Reach.File => fremovexattr(file!.Value, n),
                Reach.Path => removexattr(p, n),
                _ => lremovexattr(p, n),
            };
            var error = result < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(file);
            return error;
        }
    }

    [LibraryImport(Libc.Name)]
    private static partial nint fgetxattr(int fd, byte* name, byte* value, nuint size);

    [LibraryImport(Libc.Name)]
    private static partial nint getxattr(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport(Libc.Name)]
    private static partial nint lgetxattr(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport(Libc.Name)]
    private static partial nint flistxattr(int fd, byte* names, nuint size);

    [LibraryImport(Libc.Name)]
    private static partial nint listxattr(byte* path, byte* names, nuint size);

    [LibraryImport(Libc.Name)]
    private static partial nint llistxattr(byte* path, byte* names, nuint size);

    [LibraryImport(Libc.Name)]
    private static partial int fsetxattr(int fd, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Libc.Name)]
    private static partial int setxattr(byte* path, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Libc.Name)]
    private static partial int lsetxattr(byte* path, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Libc.Name)]
    private static partial int fremovexattr(int fd, byte* name);

    [LibraryImport(Libc.Name)]
    private static partial int removexattr(byte* path, byte* name);

    [LibraryImport(Libc.Name)]
    private static partial int lremovexattr(byte* path, byte* name);
}
