using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>What <c>stat</c> shows of a node: <c>fuse_attr</c>, 88 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseAttributes
{
    /// <summary>The number that stat shows (st_ino); need not be the node id.</summary>
    public ulong Inode;

    /// <summary>Bytes.</summary>
    public ulong Size;

    /// <summary>Units of 512 bytes that are in use (st_blocks).</summary>
    public ulong Blocks;

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

    /// <summary>File type and permission bits, as st_mode.</summary>
    public uint Mode;

    /// <summary>How many names there are (st_nlink).</summary>
    public uint Links;

    /// <summary>Owner.</summary>
    public uint Uid;

    /// <summary>Group.</summary>
    public uint Gid;

    /// <summary>Of device nodes, the number that <see cref="DeviceNumber"/> makes; else zero.</summary>
    public uint Device;

    /// <summary>Preferred size of I/O in bytes; zero leaves it to the kernel.</summary>
    public uint BlockSize;

    /// <summary>FUSE_ATTR_SUBMOUNT (1) and FUSE_ATTR_DAX (2).</summary>
    public uint Flags;

    /// <summary>A device number as the wire and <c>mknod</c> have it: 12 bits of major, 20 of minor (new_encode_dev of Linux).</summary>
    public static uint DeviceNumber(uint major, uint minor) => (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);

    /// <summary>Major and minor of a number that <see cref="DeviceNumber"/> made.</summary>
    public static (uint Major, uint Minor) DeviceParts(uint number) => ((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & ~0xffu));
}
