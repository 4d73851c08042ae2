using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Ends an open: <c>fuse_release_in</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ReleaseIn
{
    /// <summary>The open that ends.</summary>
    public ulong Handle;

    /// <summary>The open file's flags, as open(2).</summary>
    public uint Flags;

    /// <summary>Bit 0: flush; bit 1: drop flock locks of <see cref="LockOwner"/>.</summary>
    public uint ReleaseFlags;

    /// <summary>Whose locks are dropped.</summary>
    public ulong LockOwner;
}
