using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Answers STATX: <c>fuse_statx_out</c>, 288 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatxOut
{
    /// <summary>How long the kernel may keep the attributes.</summary>
    public ulong AttributeSeconds;

    /// <summary>Added to <see cref="AttributeSeconds"/>.</summary>
    public uint AttributeNanoseconds;

    /// <summary>Zero.</summary>
    public uint Flags;

    /// <summary>Zero.</summary>
    public ulong Spare0;

    /// <summary>Zero.</summary>
    public ulong Spare1;

    /// <summary>The attributes.</summary>
    public StatxAttributes Attributes;
}
