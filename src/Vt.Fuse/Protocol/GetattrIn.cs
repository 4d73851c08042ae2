using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Asks for attributes: <c>fuse_getattr_in</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GetattrIn
{
    /// <summary>Bit 0: <see cref="Handle"/> is valid.</summary>
    public uint Flags;

    /// <summary>Zero.</summary>
    public uint Padding;

    /// <summary>The open file by which is asked.</summary>
    public ulong Handle;
}
