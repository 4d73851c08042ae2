using System.Runtime.InteropServices;

namespace Vt.Posix.Rings;

/// <summary>Wakes who reads <see cref="File"/> (eventfd(2)); a read takes all signals given until then as one. Any thread may signal.</summary>
public sealed unsafe partial class EventCounter : IDisposable
{
    const int EFD_CLOEXEC = 0x80000;

    /// <exception cref="PosixException">There are too many open files.</exception>
    public EventCounter()
    {
        var fd = eventfd(0, EFD_CLOEXEC);
        if (fd < 0)
            throw new PosixException(Libc.LastError, "eventfd");
        File = new FileDescriptor(fd);
    }

    /// <summary>What is read: 8 bytes.</summary>
    public FileDescriptor File { get; }

    /// <summary>Wakes the reader; does nothing after disposal, which may come meanwhile.</summary>
    public void Signal()
    {
        var isHeld = false;
        try
        {
            File.DangerousAddRef(ref isHeld);
            var one = 1UL;
            _ = write(File.Value, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Nobody reads any more.
        }
        finally
        {
            if (isHeld)
                File.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    [LibraryImport(Libc.Name)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport(Libc.Name)]
    private static partial nint write(int fd, void* buffer, nuint count);
}
