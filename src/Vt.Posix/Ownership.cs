using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>Owners and permissions: chown(2), chmod(2); users and groups by number and name: getpwuid(3), getgrgid(3).</summary>
public static unsafe partial class Ownership
{
    /// <summary>Leaves an owner or group as it is.</summary>
    public const uint Unchanged = uint.MaxValue;

    const int AT_FDCWD = -100;
    const int AT_SYMLINK_NOFOLLOW = 0x100;
    const int AT_EMPTY_PATH = 0x1000;
    const int FirstRoom = 4096;
    const int LargestRoom = 16 * 1024 * 1024;

    [StructLayout(LayoutKind.Sequential)]
    struct UserRecord
    {
        public byte* Name;
        public byte* Password;
        public uint Uid;
        public uint Gid;
        public byte* Comment;
        public byte* Home;
        public byte* Shell;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct GroupRecord
    {
        public byte* Name;
        public byte* Password;
        public uint Gid;
        public byte** Members;
    }

    /// <summary>The effective user (geteuid(2)).</summary>
    public static uint EffectiveUser => geteuid();

    /// <summary>The effective group (getegid(2)).</summary>
    public static uint EffectiveGroup => getegid();

    /// <summary>Sets owner and group of an open file, which clears setuid, setgid and capabilities.</summary>
    public static Errno TryChown(FileDescriptor file, uint uid, uint gid) => ErrorOf(fchown(file.Value, uid, gid), file);

    /// <summary>Sets owner and group of a name below an open directory; of a symbolic link, its own.</summary>
    public static Errno TryChownAt(FileDescriptor directory, ReadOnlySpan<byte> name, uint uid, uint gid)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return Errno.EINVAL;
        fixed (byte* pointer = native)
            return ErrorOf(fchownat(directory.Value, pointer, uid, gid, AT_SYMLINK_NOFOLLOW), directory);
    }

    /// <summary>Sets the permissions of an open file, setuid, setgid and sticky included.</summary>
    public static Errno TryChmod(FileDescriptor file, uint mode) => ErrorOf(fchmod(file.Value, mode & ModeBits.PermissionMask), file);

    /// <summary>
    /// Sets the permissions of a name below an open directory. A symbolic link at its end is followed: the caller knows that it
    /// is none and that nobody can put one there.
    /// </summary>
    public static Errno TryChmodAt(FileDescriptor directory, ReadOnlySpan<byte> name, uint mode)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return Errno.EINVAL;
        fixed (byte* pointer = native)
            return ErrorOf(fchmodat(directory.Value, pointer, mode & ModeBits.PermissionMask, 0), directory);
    }

    /// <summary>Sets owner and group of whatever a descriptor stands for, one opened with O_PATH too; of a symbolic link, its own.</summary>
    public static Errno TryChownPath(FileDescriptor file, uint uid, uint gid)
    {
        var empty = (byte)0;
        return ErrorOf(fchownat(file.Value, &empty, uid, gid, AT_EMPTY_PATH), file);
    }

    /// <summary>
    /// Sets the permissions of whatever a descriptor stands for, one opened with O_PATH too, through <c>/proc</c>. Not of a symbolic link, which has none.
    /// </summary>
    public static Errno TryChmodPath(FileDescriptor file, uint mode)
    {
        Span<byte> room = stackalloc byte[Xattrs.PathBelowRoom];
        using var native = new NativePath(Xattrs.PathBelow(file, [], room), stackalloc byte[NativePath.StackRoom]);
        fixed (byte* pointer = native)
            return ErrorOf(fchmodat(AT_FDCWD, pointer, mode & ModeBits.PermissionMask, 0), file);
    }

    /// <summary>The name of a user; null where the system knows none. Slow: cache it.</summary>
    public static byte[]? UserName(uint uid)
    {
        for (var room = FirstRoom; ; room *= 4)
        {
            var buffer = new byte[room];
            fixed (byte* pointer = buffer)
            {
                UserRecord record;
                UserRecord* found;
                var error = (Errno)getpwuid_r(uid, &record, pointer, (nuint)room, &found);
                if (error == Errno.ERANGE && room < LargestRoom)
                    continue;
                return error == Errno.OK && found is not null ? Text(found->Name) : null;
            }
        }
    }

    /// <summary>The name of a group; null where the system knows none. Slow: cache it.</summary>
    public static byte[]? GroupName(uint gid)
    {
        for (var room = FirstRoom; ; room *= 4)
        {
            var buffer = new byte[room];
            fixed (byte* pointer = buffer)
            {
                GroupRecord record;
                GroupRecord* found;
                var error = (Errno)getgrgid_r(gid, &record, pointer, (nuint)room, &found);
                if (error == Errno.ERANGE && room < LargestRoom)
                    continue;
                return error == Errno.OK && found is not null ? Text(found->Name) : null;
            }
        }
    }

    /// <summary>The number of a user; null where the system knows none of that name. Slow: cache it.</summary>
    public static uint? UserId(ReadOnlySpan<byte> name)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return null;
        for (var room = FirstRoom; ; room *= 4)
        {
            var buffer = new byte[room];
            fixed (byte* text = native)
            fixed (byte* pointer = buffer)
            {
                UserRecord record;
                UserRecord* found;
                var error = (Errno)getpwnam_r(text, &record, pointer, (nuint)room, &found);
                if (error == Errno.ERANGE && room < LargestRoom)
                    continue;
                return error == Errno.OK && found is not null ? found->Uid : null;
            }
        }
    }

    /// <summary>The number of a group; null where the system knows none of that name. Slow: cache it.</summary>
    public static uint? GroupId(ReadOnlySpan<byte> name)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return null;
        for (var room = FirstRoom; ; room *= 4)
        {
            var buffer = new byte[room];
            fixed (byte* text = native)
            fixed (byte* pointer = buffer)
            {
                GroupRecord record;
                GroupRecord* found;
                var error = (Errno)getgrnam_r(text, &record, pointer, (nuint)room, &found);
                if (error == Errno.ERANGE && room < LargestRoom)
                    continue;
                return error == Errno.OK && found is not null ? found->Gid : null;
            }
        }
    }

    static byte[] Text(byte* text) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text).ToArray();

    static Errno ErrorOf(int result, FileDescriptor file)
    {
        var error = result < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(file);
        return error;
    }

    [LibraryImport(Libc.Name)]
    private static partial uint geteuid();

    [LibraryImport(Libc.Name)]
    private static partial uint getegid();

    [LibraryImport(Libc.Name)]
    private static partial int fchown(int fd, uint uid, uint gid);

    [LibraryImport(Libc.Name)]
    private static partial int fchownat(int directory, byte* path, uint uid, uint gid, int flags);

    [LibraryImport(Libc.Name)]
    private static partial int fchmod(int fd, uint mode);

    [LibraryImport(Libc.Name)]
    private static partial int fchmodat(int directory, byte* path, uint mode, int flags);

    [LibraryImport(Libc.Name)]
    private static partial int getpwuid_r(uint uid, UserRecord* record, byte* buffer, nuint size, UserRecord** found);

    [LibraryImport(Libc.Name)]
    private static partial int getgrgid_r(uint gid, GroupRecord* record, byte* buffer, nuint size, GroupRecord** found);

    [LibraryImport(Libc.Name)]
    private static partial int getpwnam_r(byte* name, UserRecord* record, byte* buffer, nuint size, UserRecord** found);

    [LibraryImport(Libc.Name)]
    private static partial int getgrnam_r(byte* name, GroupRecord* record, byte* buffer, nuint size, GroupRecord** found);
}
