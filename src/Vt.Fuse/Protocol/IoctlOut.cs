using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Answers IOCTL: <c>fuse_ioctl_out</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoctlOut
{
    /// <summary>What ioctl(2) returns.</summary>
    public int Result;

    /// <summary>As <see cref="IoctlIn.Flags"/>.</summary>
    public uint Flags;

    /// <summary>With retry, how many iovecs to fetch; else zero.</summary>
    public uint InVectors;

    /// <summary>With retry, how many iovecs to fill; else zero.</summary>
    public uint OutVectors;
}
