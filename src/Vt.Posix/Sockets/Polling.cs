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
