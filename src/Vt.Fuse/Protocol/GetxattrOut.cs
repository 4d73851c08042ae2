using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>The size of an attribute: <c>fuse_getxattr_out</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct GetxattrOut
{
    /// <summary>Bytes.</summary>
    public uint Size;

    /// <summary>Zero.</summary>
    public uint Padding;
}
