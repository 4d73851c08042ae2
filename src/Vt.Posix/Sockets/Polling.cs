using System.Runtime.InteropServices;

namespace Vt.Posix.Sockets;

/// <summary>poll(2).</summary>
public static unsafe partial class Polling
{
    /// <summary>Waits until a descriptor is ready.</summary>
    /// <param name="file">The descriptor.</param>
    /// <param name="events">For what.</param>
    /// <param name="timeout">How long at most; infinite with <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>What it is ready for; nothing when the time was up or a signal came.</returns>
    public static PollEvents Wait(FileDescriptor file, PollEvents events, TimeSpan timeout)
    {
        var item = new PollItem { Descriptor = file.Value, Events = (short)events };
        var count = poll(&item, 1, (int)timeout.TotalMilliseconds);
        if (count < 0 && Libc.LastError is var error && error != Errno.EINTR)
            throw new PosixException(error, "poll");
        GC.KeepAlive(file);
        return count > 0 ? (PollEvents)item.Returned : PollEvents.None;
    }

    /// <summary>Waits, however long that takes, until one of two descriptors has something to read or has ended.</summary>
    /// <returns>Which of them; neither when a signal came.</returns>
    public static (bool First, bool Second) WaitToRead(FileDescriptor first, FileDescriptor second)
    {
        var items = stackalloc PollItem[2];
        items[0] = new PollItem { Descriptor = first.Value, Events = (short)PollEvents.POLLIN };
        items[1] = new PollItem { Descriptor = second.Value, Events = (short)PollEvents.POLLIN };
        var count = poll(items, 2, -1);
        if (count < 0 && Libc.LastError is var error && error != Errno.EINTR)
            throw new PosixException(error, "poll");
        GC.KeepAlive(first);
        GC.KeepAlive(second);
        return count > 0 ? (items[0].Returned != 0, items[1].Returned != 0) : default;
    }

    [LibraryImport(Libc.Name)]
    private static partial int poll(PollItem* items, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    struct PollItem
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
