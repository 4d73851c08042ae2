using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Answers WRITE and COPY_FILE_RANGE: <c>fuse_write_out</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct WriteOut
{
    /// <summary>How many bytes were taken.</summary>
    public uint Size;

    /// <summary>Zero.</summary>
    public uint Padding;
}
