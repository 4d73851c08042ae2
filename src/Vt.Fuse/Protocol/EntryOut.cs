using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>A name that was found: <c>fuse_entry_out</c>, 128 bytes. Node zero with a time is a name known to be absent.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct EntryOut
{
    /// <summary>The node's id, or none for an absent name that may be cached.</summary>
    public NodeId Node;

    /// <summary>Tells nodes apart that had the same id one after another; matters for NFS export only.</summary>
    public ulong Generation;

    /// <summary>How long the kernel may keep the name.</summary>
    public ulong EntrySeconds;

    /// <summary>How long the kernel may keep the attributes.</summary>
    public ulong AttributeSeconds;

    /// <summary>Added to <see cref="EntrySeconds"/>.</summary>
    public uint EntryNanoseconds;

    /// <summary>Added to <see cref="AttributeSeconds"/>.</summary>
    public uint AttributeNanoseconds;

    /// <summary>The node's attributes.</summary>
    public FuseAttributes Attributes;
}
