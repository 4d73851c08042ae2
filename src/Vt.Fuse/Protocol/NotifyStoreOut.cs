using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary><c>fuse_notify_store_out</c>, 24 bytes; data follow.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyStoreOut
{
    /// <summary>The node.</summary>
    public NodeId Node;

    /// <summary>First byte.</summary>
    public ulong Offset;

    /// <summary>Bytes that follow.</summary>
    public uint Size;

    /// <summary>Zero.</summary>
    public uint Padding;
}
