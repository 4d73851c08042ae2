using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>A byte range lock: <c>fuse_file_lock</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FileLock
{
    /// <summary>First byte.</summary>
    public ulong Start;

    /// <summary>Last byte; 2^63-1 reaches to the end however long.</summary>
    public ulong End;

    /// <summary>F_RDLCK (0), F_WRLCK (1) or F_UNLCK (2).</summary>
    public uint Type;

    /// <summary>Who holds it, of an answer.</summary>
    public uint Pid;
}
