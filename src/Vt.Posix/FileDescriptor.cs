using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>
/// An open file. Whoever has it disposes it; calls on it and its disposal must not overlap, as close(2) frees the number at once.
/// </summary>
public sealed partial class FileDescriptor : SafeHandle
{
    const int AT_FDCWD = -100;

    /// <summary>Takes over a descriptor number.</summary>
    /// <param name="value">The number; not negative.</param>
    /// <param name="owned">Whether disposal closes it.</param>
    public FileDescriptor(int value, bool owned = true)
        : base(-1, owned) => SetHandle(value);

    /// <summary>Stands for the process's current directory in the calls that take a directory.</summary>
    public static FileDescriptor CurrentDirectory { get; } = new(AT_FDCWD, owned: false);

    /// <summary>The number.</summary>
    public int Value => (int)handle;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>Whether it was ever locked. Then it is unlocked before it is closed: a process that another thread is just starting has the file open too until it runs its program.</summary>
    internal bool IsLocked { get; set; }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (IsLocked)
            Locks.ReleaseAll((int)handle);
        return close((int)handle) == 0;
    }

    /// <summary>Another descriptor of the same open file, closed on exec (fcntl(2), F_DUPFD_CLOEXEC).</summary>
    public FileDescriptor Duplicate()
    {
        const int F_DUPFD_CLOEXEC = 1030;
        var copy = fcntl(Value, F_DUPFD_CLOEXEC, 0);
        if (copy < 0)
            throw new PosixException(Libc.LastError, "fcntl");
        GC.KeepAlive(this);
        return new FileDescriptor(copy);
    }

    /// <summary>Lets a pipe hold more on its way (fcntl(2), F_SETPIPE_SZ).</summary>
    /// <param name="length">How many bytes.</param>
    /// <returns>Whether it does; not where it is no pipe, or the user may not have one as large.</returns>
    public bool TryGrowPipe(int length)
    {
        const int F_SETPIPE_SZ = 1031;
        var isGrown = fcntl(Value, F_SETPIPE_SZ, length) >= length;
        GC.KeepAlive(this);
        return isGrown;
    }

    [LibraryImport(Libc.Name)]
    private static partial int close(int fd);

    [LibraryImport(Libc.Name)]
    private static partial int fcntl(int fd, int command, nint argument);
}
