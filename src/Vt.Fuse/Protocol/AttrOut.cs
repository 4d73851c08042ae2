using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Answers GETATTR and SETATTR: <c>fuse_attr_out</c>, 104 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct AttrOut
{
    /// <summary>How long the kernel may keep the attributes.</summary>
    public ulong AttributeSeconds;

    /// <summary>Added to <see cref="AttributeSeconds"/>.</summary>
    public uint AttributeNanoseconds;

    /// <summary>Zero.</summary>
    public uint Padding;

    /// <summary>The node's attributes.</summary>
    public FuseAttributes Attributes;
}
