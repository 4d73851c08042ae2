using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary><c>fuse_bmap_out</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BmapOut
{
    /// <summary>Block of the device.</summary>
    public ulong Block;
}
