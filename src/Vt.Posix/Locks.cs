using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>
/// Locks that belong to an open file description: they end with its last descriptor, however the process dies, and they keep
/// two descriptions of one process apart as well (flock(2), fcntl(2) "open file description locks").
/// </summary>
public static unsafe partial class Locks
{
    const int LOCK_SH = 1;
    const int LOCK_EX = 2;
    const int LOCK_NB = 4;
    const int LOCK_UN = 8;
    const int F_OFD_GETLK = 36;
    const int F_OFD_SETLK = 37;
    const int F_OFD_SETLKW = 38;
    const short F_RDLCK = 0;
    const short F_WRLCK = 1;
    const short F_UNLCK = 2;

    [StructLayout(LayoutKind.Sequential)]
    struct RangeLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Pid;
    }

    /// <summary>Locks a whole file, or changes how it is locked (not atomically: flock(2) releases first).</summary>
    /// <param name="file">The file.</param>
    /// <param name="kind">Shared or exclusive.</param>
    /// <param name="wait">Whether to wait for other holders.</param>
    /// <returns>Whether the lock is held now; false only without <paramref name="wait"/>.</returns>
    public static bool Flock(FileDescriptor file, LockKind kind, bool wait)
    {
        var operation = (kind == LockKind.Shared ? LOCK_SH : LOCK_EX) | (wait ? 0 : LOCK_NB);
        while (true)
        {
            var error = flock(file.Value, operation) < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(file);
            switch (error)
            {
                case Errno.OK:
                    file.IsLocked = true;
                    return true;
                case Errno.EAGAIN:
                    return false;
                case Errno.EINTR:
                    continue;
                default:
                    throw new PosixException(error, "flock");
            }
        }
    }

    /// <summary>Releases what <see cref="Flock"/> locked.</summary>
    public static void FlockRelease(FileDescriptor file)
    {
        var error = flock(file.Value, LOCK_UN) < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(file);
        if (error != Errno.OK)
            throw new PosixException(error, "flock");
    }

    /// <summary>Locks a range of bytes, which need not exist.</summary>
    /// <param name="file">The file, open for reading for a shared lock, for writing for an exclusive one.</param>
    /// <param name="kind">Shared or exclusive.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="length">How many; 0 for all that follow.</param>
    /// <param name="wait">Whether to wait for other holders.</param>
    /// <returns>Whether the lock is held now; false only without <paramref name="wait"/>.</returns>
    public static bool LockRange(FileDescriptor file, LockKind kind, long start, long length, bool wait) =>
        SetRange(file, TypeOf(kind), start, length, wait);

    /// <summary>Releases a range of bytes.</summary>
    public static void UnlockRange(FileDescriptor file, long start, long length) => SetRange(file, F_UNLCK, start, length, wait: false);

    /// <summary>Finds a lock of somebody else that one would have to wait for.</summary>
    /// <param name="file">The file.</param>
    /// <param name="kind">How one would lock.</param>
    /// <param name="start">The first byte that is asked about.</param>
    /// <param name="length">How many; 0 for all that follow.</param>
    /// <returns>The range that the other has locked, and how; null where there is none.</returns>
    public static (long Start, long Length, LockKind Kind)? FindRange(FileDescriptor file, LockKind kind, long start, long length)
    {
        var range = new RangeLock { Type = TypeOf(kind), Whence = PosixFile.SEEK_SET, Start = start, Length = length };
        var error = fcntl(file.Value, F_OFD_GETLK, &range) < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(file);
        if (error != Errno.OK)
            throw new PosixException(error, "fcntl");
        return range.Type == F_UNLCK ? null : (range.Start, range.Length, range.Type == F_RDLCK ? LockKind.Shared : LockKind.Exclusive);
    }

    /// <summary>Releases all that a descriptor has locked, of either kind, before it is closed.</summary>
    internal static void ReleaseAll(int descriptor)
    {
        var all = new RangeLock { Type = F_UNLCK, Whence = PosixFile.SEEK_SET };
        _ = fcntl(descriptor, F_OFD_SETLK, &all);
        _ = flock(descriptor, LOCK_UN);
    }

    static short TypeOf(LockKind kind) => kind == LockKind.Shared ? F_RDLCK : F_WRLCK;

    static bool SetRange(FileDescriptor file, short type, long start, long length, bool wait)
    {
        while (true)
        {
            var range = new RangeLock { Type = type, Whence = PosixFile.SEEK_SET, Start = start, Length = length };
            var error = fcntl(file.Value, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range) < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(file);
            switch (error)
            {
                case Errno.OK:
                    file.IsLocked |= type != F_UNLCK;
                    return true;
                case Errno.EAGAIN or Errno.EACCES:
                    return false;
                case Errno.EINTR:
                    continue;
                default:
                    throw new PosixException(error, "fcntl");
            }
        }
    }

    [LibraryImport(Libc.Name)]
    private static partial int flock(int fd, int operation);

    [LibraryImport(Libc.Name)]
    private static partial int fcntl(int fd, int command, RangeLock* range);
}
