using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary><c>fuse_notify_delete_out</c>, 24 bytes; name and NUL follow.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyDeleteOut
{
    /// <summary>The folder.</summary>
    public NodeId Parent;

    /// <summary>The node that the name stood for.</summary>
    public NodeId Child;

    /// <summary>Bytes of the name without NUL.</summary>
    public uint NameLength;

    /// <summary>Zero.</summary>
    public uint Padding;
}
