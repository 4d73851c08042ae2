using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary><c>fuse_notify_inval_inode_out</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyInvalInodeOut
{
    /// <summary>The node.</summary>
    public NodeId Node;

    /// <summary>First byte; negative for the attributes alone.</summary>
    public long Offset;

    /// <summary>Bytes; zero or less reaches to the end.</summary>
    public long Length;
}
