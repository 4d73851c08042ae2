using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>A control call: <c>fuse_ioctl_in</c>, 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoctlIn
{
    /// <summary>The open.</summary>
    public ulong Handle;

    /// <summary>Bit 0 compat, 1 unrestricted, 2 retry, 3 32-bit, 4 directory.</summary>
    public uint Flags;

    /// <summary>The command.</summary>
    public uint Command;

    /// <summary>The caller's third argument.</summary>
    public ulong Argument;

    /// <summary>Bytes that follow.</summary>
    public uint InSize;

    /// <summary>Room for the answer in bytes.</summary>
    public uint OutSize;
}
