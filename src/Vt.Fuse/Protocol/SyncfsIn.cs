using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary><c>fuse_syncfs_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct SyncfsIn
{
    /// <summary>Zero.</summary>
    public ulong Padding;
}
