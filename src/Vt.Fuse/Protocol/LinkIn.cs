using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Adds a name to a node: <c>fuse_link_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct LinkIn
{
    /// <summary>The node that gets another name.</summary>
    public NodeId OldNode;
}
