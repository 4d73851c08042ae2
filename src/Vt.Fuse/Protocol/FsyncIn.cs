using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Makes data durable: <c>fuse_fsync_in</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FsyncIn
{
    /// <summary>The open.</summary>
    public ulong Handle;

    /// <summary>Bit 0: data only, as fdatasync(2).</summary>
    public uint Flags;

    /// <summary>Zero.</summary>
    public uint Padding;
}
