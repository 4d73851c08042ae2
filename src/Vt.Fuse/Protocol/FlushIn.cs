using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>One descriptor of an open is closed: <c>fuse_flush_in</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FlushIn
{
    /// <summary>The open.</summary>
    public ulong Handle;

    /// <summary>Zero.</summary>
    public uint Unused;

    /// <summary>Zero.</summary>
    public uint Padding;

    /// <summary>Whose POSIX locks are dropped.</summary>
    public ulong LockOwner;
}
