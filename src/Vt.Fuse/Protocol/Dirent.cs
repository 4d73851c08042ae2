using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Heads one name of READDIR: <c>fuse_dirent</c>, 24 bytes; the name follows, zero-padded to 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct Dirent
{
    /// <summary>Inode number (d_ino).</summary>
    public ulong Inode;

    /// <summary>Position of the entry after this one (d_off).</summary>
    public ulong Next;

    /// <summary>Bytes of the name.</summary>
    public uint NameLength;

    /// <summary>DT_ constant.</summary>
    public uint Type;
}
