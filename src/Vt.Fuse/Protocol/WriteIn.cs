using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Heads the data of a write: <c>fuse_write_in</c>, 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct WriteIn
{
    /// <summary>The open file; of cached pages, any handle that can write.</summary>
    public ulong Handle;

    /// <summary>First byte.</summary>
    public ulong Offset;

    /// <summary>How many bytes follow.</summary>
    public uint Size;

    /// <summary>How this write came about.</summary>
    public WriteFlags WriteFlags;

    /// <summary>Who writes, if the flags say so.</summary>
    public ulong LockOwner;

    /// <summary>The open file's flags, as open(2).</summary>
    public uint Flags;

    /// <summary>Zero.</summary>
    public uint Padding;
}
