using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Makes a folder: <c>fuse_mkdir_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MkdirIn
{
    /// <summary>Permissions.</summary>
    public uint Mode;

    /// <summary>The caller's umask; already applied to the mode unless DONT_MASK was agreed.</summary>
    public uint Umask;
}
