using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Asks whether access is allowed: <c>fuse_access_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct AccessIn
{
    /// <summary>As access(2).</summary>
    public uint Mask;

    /// <summary>Zero.</summary>
    public uint Padding;
}
