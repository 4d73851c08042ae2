using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Opens a file or folder: <c>fuse_open_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenIn
{
    /// <summary>As open(2), without O_CREAT, O_EXCL and O_NOCTTY.</summary>
    public uint Flags;

    /// <summary>Bit 0 (FUSE_OPEN_KILL_SUIDGID): clear setuid and setgid, as O_TRUNC is among the flags.</summary>
    public uint OpenFlags;
}
