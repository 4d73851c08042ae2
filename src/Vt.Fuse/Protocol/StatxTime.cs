using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>A time of statx: <c>fuse_sx_time</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatxTime
{
    /// <summary>Since 1970.</summary>
    public long Seconds;

    /// <summary>0 to 999,999,999.</summary>
    public uint Nanoseconds;

    /// <summary>Zero.</summary>
    public int Reserved;
}
