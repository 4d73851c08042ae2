using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Asks where a block lies on the device: <c>fuse_bmap_in</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BmapIn
{
    /// <summary>Block of the file.</summary>
    public ulong Block;

    /// <summary>Bytes of a block.</summary>
    public uint BlockSize;

    /// <summary>Zero.</summary>
    public uint Padding;
}
