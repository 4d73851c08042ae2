using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Moves a name: <c>fuse_rename_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct RenameIn
{
    /// <summary>The folder that the name moves into.</summary>
    public NodeId NewParent;
}
