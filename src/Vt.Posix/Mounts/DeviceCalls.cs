using System.Runtime.InteropServices;

namespace Vt.Posix.Mounts;

/// <summary>
/// read(2), write(2) and ioctl(2) on devices that speak in messages, where each call is one message and is never repeated or split
/// here.
/// </summary>
public static unsafe partial class DeviceCalls
{
    /// <summary>Reads one message, waiting for it.</summary>
    /// <param name="device">The device; must stay open during the call.</param>
    /// <param name="buffer">Receives the message.</param>
    /// <param name="length">Room in bytes.</param>
    /// <param name="count">Bytes of the message.</param>
    public static Errno TryRead(FileDescriptor device, byte* buffer, int length, out int count)
    {
        var got = read(device.Value, buffer, (nuint)length);
        var error = got < 0 ? Libc.LastError : Errno.OK;
        count = (int)got;
        GC.KeepAlive(device);
        return error;
    }

    /// <summary>Writes one message.</summary>
    /// <param name="device">The device; must stay open during the call.</param>
    /// <param name="buffer">The message.</param>
    /// <param name="length">Bytes.</param>
    public static Errno TryWrite(FileDescriptor device, byte* buffer, int length)
    {
        var error = write(device.Value, buffer, (nuint)length) < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(device);
        return error;
    }

    /// <summary>A control call.</summary>
    /// <param name="device">The device.</param>
    /// <param name="request">The command.</param>
    /// <param name="argument">Its structure.</param>
    /// <param name="result">What the call returned; negative after an error.</param>
    public static Errno TryIoctl(FileDescriptor device, uint request, void* argument, out int result)
    {
        result = ioctl(device.Value, request, argument);
        var error = result < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(device);
        return error;
    }

    [LibraryImport(Libc.Name)]
    private static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(Libc.Name)]
    private static partial nint write(int fd, byte* buffer, nuint count);

    // The C function is variadic; on Linux's x86-64 and arm64 a fixed signature passes the third argument the same way.
    [LibraryImport(Libc.Name)]
    private static partial int ioctl(int fd, nuint request, void* argument);
}
