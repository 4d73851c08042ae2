using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Makes and opens a file: <c>fuse_create_in</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CreateIn
{
    /// <summary>As open(2).</summary>
    public uint Flags;

    /// <summary>File type and permissions.</summary>
    public uint Mode;

    /// <summary>The caller's umask; already applied to the mode unless DONT_MASK was agreed.</summary>
    public uint Umask;

    /// <summary>Bit 0: clear setuid and setgid of an existing file.</summary>
    public uint OpenFlags;
}
