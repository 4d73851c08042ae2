using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary><c>fuse_lseek_out</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LseekOut
{
    /// <summary>What was found.</summary>
    public ulong Offset;
}
