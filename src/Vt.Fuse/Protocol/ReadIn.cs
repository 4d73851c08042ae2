using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Reads a file or folder: <c>fuse_read_in</c>, 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ReadIn
{
    /// <summary>The open file; zero where OPEN is not used.</summary>
    public ulong Handle;

    /// <summary>First byte; of a folder, the position that the last entry gave, zero at the start.</summary>
    public ulong Offset;

    /// <summary>How many bytes are wanted at most.</summary>
    public uint Size;

    /// <summary>Bit 1 (FUSE_READ_LOCKOWNER): <see cref="LockOwner"/> is valid.</summary>
    public uint ReadFlags;

    /// <summary>Who reads, for mandatory locks.</summary>
    public ulong LockOwner;

    /// <summary>The open file's flags, as open(2).</summary>
    public uint Flags;

    /// <summary>Zero.</summary>
    public uint Padding;
}
