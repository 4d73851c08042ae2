using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Looks for data or a hole: <c>fuse_lseek_in</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LseekIn
{
    /// <summary>The open.</summary>
    public ulong Handle;

    /// <summary>From where.</summary>
    public ulong Offset;

    /// <summary>SEEK_DATA (3) or SEEK_HOLE (4); others the kernel answers itself.</summary>
    public uint Whence;

    /// <summary>Zero.</summary>
    public uint Padding;
}
