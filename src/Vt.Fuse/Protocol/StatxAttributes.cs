using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary><c>fuse_statx</c>, 256 bytes, as statx(2).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatxAttributes
{
    /// <summary>STATX_ bits that are filled.</summary>
    public uint Mask;

    /// <summary>Preferred size of I/O.</summary>
    public uint BlockSize;

    /// <summary>STATX_ATTR_ bits.</summary>
    public ulong Attributes;

    /// <summary>How many names there are.</summary>
    public uint Links;

    /// <summary>Owner.</summary>
    public uint Uid;

    /// <summary>Group.</summary>
    public uint Gid;

    /// <summary>File type and permissions.</summary>
    public ushort Mode;

    /// <summary>Zero.</summary>
    public ushort Spare0;

    /// <summary>Inode number.</summary>
    public ulong Inode;

    /// <summary>Bytes.</summary>
    public ulong Size;

    /// <summary>Units of 512 bytes.</summary>
    public ulong Blocks;

    /// <summary>Which attribute bits are supported.</summary>
    public ulong AttributesMask;

    /// <summary>Last access.</summary>
    public StatxTime AccessTime;

    /// <summary>Creation.</summary>
    public StatxTime BirthTime;

    /// <summary>Last change of the inode.</summary>
    public StatxTime ChangeTime;

    /// <summary>Last change of the data.</summary>
    public StatxTime ModificationTime;

    /// <summary>Of device nodes.</summary>
    public uint DeviceMajor;

    /// <summary>Of device nodes.</summary>
    public uint DeviceMinor;

    /// <summary>Unused by the kernel.</summary>
    public uint FilesystemMajor;

    /// <summary>Unused by the kernel.</summary>
    public uint FilesystemMinor;

    /// <summary>Zero.</summary>
    public ulong Spare1;

    /// <summary>Zero.</summary>
    public ulong Spare2;

    /// <summary>Zero.</summary>
    public ulong Spare3;

    /// <summary>Zero.</summary>
    public ulong Spare4;

    /// <summary>Zero.</summary>
    public ulong Spare5;

    /// <summary>Zero.</summary>
    public ulong Spare6;

    /// <summary>Zero.</summary>
    public ulong Spare7;

    /// <summary>Zero.</summary>
    public ulong Spare8;

    /// <summary>Zero.</summary>
    public ulong Spare9;

    /// <summary>Zero.</summary>
    public ulong Spare10;

    /// <summary>Zero.</summary>
    public ulong Spare11;

    /// <summary>Zero.</summary>
    public ulong Spare12;

    /// <summary>Zero.</summary>
    public ulong Spare13;

    /// <summary>Zero.</summary>
    public ulong Spare14;
}
