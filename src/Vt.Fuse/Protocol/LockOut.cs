using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>The lock in the way, F_UNLCK if none: <c>fuse_lk_out</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LockOut
{
    /// <summary>The lock.</summary>
    public FileLock Lock;
}
