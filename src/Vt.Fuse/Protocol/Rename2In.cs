using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Moves a name with flags: <c>fuse_rename2_in</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct Rename2In
{
    /// <summary>The folder that the name moves into.</summary>
    public NodeId NewParent;

    /// <summary>As renameat2(2).</summary>
    public RenameFlags Flags;

    /// <summary>Zero.</summary>
    public uint Padding;
}
