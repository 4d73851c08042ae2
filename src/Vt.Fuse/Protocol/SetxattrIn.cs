using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Heads name and value: <c>fuse_setxattr_in</c>, 16 bytes where SETXATTR_EXT was agreed, else its first 8.</summary>
[StructLayout(LayoutKind.Sequential)]
struct SetxattrIn
{
    /// <summary>Bytes of the value.</summary>
    public uint Size;

    /// <summary>As setxattr(2).</summary>
    public uint Flags;

    /// <summary>Bit 0: clear setgid, as an access ACL is set.</summary>
    public uint ExtraFlags;

    /// <summary>Zero.</summary>
    public uint Padding;
}
