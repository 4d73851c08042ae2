using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Answers COPY_FILE_RANGE_64: <c>fuse_copy_file_range_out</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CopyFileRangeOut
{
    /// <summary>Bytes.</summary>
    public ulong Copied;
}
