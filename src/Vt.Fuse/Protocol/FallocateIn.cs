using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Reserves or punches: <c>fuse_fallocate_in</c>, 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FallocateIn
{
    /// <summary>The open.</summary>
    public ulong Handle;

    /// <summary>First byte.</summary>
    public ulong Offset;

    /// <summary>Bytes.</summary>
    public ulong Length;

    /// <summary>As fallocate(2).</summary>
    public uint Mode;

    /// <summary>Zero.</summary>
    public uint Padding;
}
