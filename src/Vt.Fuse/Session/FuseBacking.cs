using System.Runtime.InteropServices;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// Registers files of other filesystems that the kernel reads and writes in the place of the content of a node (passthrough, Linux 6.9 and newer). The rules
/// that the kernel keeps by answering opens with EIO: all opens of a node at a time either have
/// <see cref="Protocol.OpenReplyFlags.Passthrough"/> with one and the same number, or none has.
/// </summary>
public sealed unsafe class FuseBacking
{
    // FUSE_DEV_IOC_BACKING_OPEN and _CLOSE of linux/fuse.h.
    const uint OpenCommand = 0x4010E501;
    const uint CloseCommand = 0x4004E502;

    readonly FuseTransport _transport;

    internal FuseBacking(FuseTransport transport) => _transport = transport;

    /// <summary>Registers a file.</summary>
    /// <param name="file">The file, by any open of it; may be closed afterwards.</param>
    /// <param name="id">Its number, for <see cref="Protocol.OpenOut.BackingId"/>.</param>
    /// <returns>EPERM where the process lacks CAP_SYS_ADMIN or passthrough was not agreed; ELOOP of a file of a stacked filesystem.</returns>
    public Errno TryRegister(FileDescriptor file, out int id)
    {
        var map = new Map { Descriptor = file.Value };
        var error = _transport.Ioctl(OpenCommand, &map, out id);
        GC.KeepAlive(file);
        return error;
    }

    /// <summary>Takes a registration back; who has the file open through it keeps it.</summary>
    public Errno Unregister(int id)
    {
        var number = (uint)id;
        return _transport.Ioctl(CloseCommand, &number, out _);
    }

    /// <summary><c>fuse_backing_map</c>, 16 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct Map
    {
        public int Descriptor;
        public uint Flags;
        public ulong Padding;
    }
}
