using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Asks for extended attributes: <c>fuse_statx_in</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatxIn
{
    /// <summary>Bit 0: <see cref="Handle"/> is valid.</summary>
    public uint GetattrFlags;

    /// <summary>Zero.</summary>
    public uint Reserved;

    /// <summary>The open file by which is asked.</summary>
    public ulong Handle;

    /// <summary>AT_STATX_ flags.</summary>
    public uint Flags;

    /// <summary>STATX_ bits that are wanted.</summary>
    public uint Mask;
}
