using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Asks for an attribute or their list: <c>fuse_getxattr_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct GetxattrIn
{
    /// <summary>Room at the caller; zero asks for the size alone.</summary>
    public uint Size;

    /// <summary>Zero.</summary>
    public uint Padding;
}
