using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Copies between two open files: <c>fuse_copy_file_range_in</c>, 56 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CopyFileRangeIn
{
    /// <summary>The open that is read.</summary>
    public ulong HandleIn;

    /// <summary>First byte read.</summary>
    public ulong OffsetIn;

    /// <summary>The node that is written.</summary>
    public NodeId NodeOut;

    /// <summary>The open that is written.</summary>
    public ulong HandleOut;

    /// <summary>First byte written.</summary>
    public ulong OffsetOut;

    /// <summary>Bytes.</summary>
    public ulong Length;

    /// <summary>As copy_file_range(2): none yet.</summary>
    public ulong Flags;
}
