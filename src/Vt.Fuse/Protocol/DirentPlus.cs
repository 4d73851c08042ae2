using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Heads one name of READDIRPLUS: <c>fuse_direntplus</c>, 152 bytes; the name follows, zero-padded to 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct DirentPlus
{
    /// <summary>The node, or none where it is not given.</summary>
    public EntryOut Entry;

    /// <summary>The name.</summary>
    public Dirent Dirent;
}
