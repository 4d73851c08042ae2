using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Changes attributes: <c>fuse_setattr_in</c>, 88 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SetattrIn
{
    /// <summary>Which of the following count.</summary>
    public SetattrFields Fields;

    /// <summary>Zero.</summary>
    public uint Padding;

    /// <summary>The open file by which is asked (ftruncate).</summary>
    public ulong Handle;

    /// <summary>New size in bytes.</summary>
    public ulong Size;

    /// <summary>Who holds locks, of a truncation.</summary>
    public ulong LockOwner;

    /// <summary>Seconds since 1970, as a signed number's bits.</summary>
    public ulong AccessTime;

    /// <summary>Seconds since 1970, as a signed number's bits.</summary>
    public ulong ModificationTime;

    /// <summary>Seconds since 1970, as a signed number's bits.</summary>
    public ulong ChangeTime;

    /// <summary>0 to 999,999,999.</summary>
    public uint AccessNanoseconds;

    /// <summary>0 to 999,999,999.</summary>
    public uint ModificationNanoseconds;

    /// <summary>0 to 999,999,999.</summary>
    public uint ChangeNanoseconds;

    /// <summary>New permission bits with the file type.</summary>
    public uint Mode;

    /// <summary>Zero.</summary>
    public uint Unused4;

    /// <summary>New owner.</summary>
    public uint Uid;

    /// <summary>New group.</summary>
    public uint Gid;

    /// <summary>Zero.</summary>
    public uint Unused5;
}
