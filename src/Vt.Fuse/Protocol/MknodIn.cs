using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Makes a node: <c>fuse_mknod_in</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MknodIn
{
    /// <summary>File type and permissions.</summary>
    public uint Mode;

    /// <summary>Device number (see <see cref="FuseAttributes.DeviceNumber"/>).</summary>
    public uint Device;

    /// <summary>The caller's umask; already applied to the mode unless DONT_MASK was agreed.</summary>
    public uint Umask;

    /// <summary>Zero.</summary>
    public uint Padding;
}
