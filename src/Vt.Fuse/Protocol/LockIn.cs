using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Asks for, takes or drops a lock: <c>fuse_lk_in</c>, 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LockIn
{
    /// <summary>The open.</summary>
    public ulong Handle;

    /// <summary>Who asks; the same for all threads of a process.</summary>
    public ulong Owner;

    /// <summary>The range and kind.</summary>
    public FileLock Lock;

    /// <summary>Bit 0: a flock(2) lock of the whole file.</summary>
    public uint LockFlags;

    /// <summary>Zero.</summary>
    public uint Padding;
}
