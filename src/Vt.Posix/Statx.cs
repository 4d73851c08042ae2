using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>What the kernel knows about a file (statx(2)). The layout is the kernel's, the same on every machine.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
public readonly struct Statx
{
    const uint STATX_BTIME = 0x800;

    readonly uint _mask;
    readonly uint _blockSize;
    readonly ulong _attributes;
    readonly uint _links;
    readonly uint _uid;
    readonly uint _gid;
    readonly ushort _mode;
    readonly ushort _reserved;
    readonly ulong _inode;
    readonly ulong _size;
    readonly ulong _blocks;
    readonly ulong _attributesMask;
    readonly StatxTime _accessTime;
    readonly StatxTime _birthTime;
    readonly StatxTime _changeTime;
    readonly StatxTime _modificationTime;
    readonly uint _rdevMajor;
    readonly uint _rdevMinor;
    readonly uint _devMajor;
    readonly uint _devMinor;
    readonly ulong _mountId;

    /// <summary>Which fields the file system filled in (STATX_*).</summary>
    public uint Mask => _mask;

    /// <summary>The preferred size of reads and writes, in bytes.</summary>
    public uint BlockSize => _blockSize;

    /// <summary>Attributes such as immutable and append-only (STATX_ATTR_*).</summary>
    public ulong Attributes => _attributes;

    /// <summary>How many names the file has.</summary>
    public uint Links => _links;

    /// <summary>The owner.</summary>
    public uint Uid => _uid;

    /// <summary>The group.</summary>
    public uint Gid => _gid;

    /// <summary>Type and permissions (<see cref="ModeBits"/>).</summary>
    public uint Mode => _mode;

    /// <summary>The type: one of the S_IF values of <see cref="ModeBits"/>.</summary>
    public uint Type => _mode & ModeBits.S_IFMT;

    /// <summary>Permissions with setuid, setgid and sticky.</summary>
    public uint Permissions => _mode & ModeBits.PermissionMask;

    /// <summary>The inode number.</summary>
    public ulong Inode => _inode;

    /// <summary>The size in bytes.</summary>
    public long Size => (long)_size;

    /// <summary>What the file takes, in units of 512 bytes.</summary>
    public long Blocks => (long)_blocks;

    /// <summary>When it was last read.</summary>
    public StatxTime AccessTime => _accessTime;

    /// <summary>When it was made; null where the file system doesn't tell.</summary>
    public StatxTime? BirthTime => (_mask & STATX_BTIME) != 0 ? _birthTime : null;

    /// <summary>When its inode last changed.</summary>
    public StatxTime ChangeTime => _changeTime;

    /// <summary>When its content last changed.</summary>
    public StatxTime ModificationTime => _modificationTime;

    /// <summary>Of a device: its driver's number.</summary>
    public uint RdevMajor => _rdevMajor;

    /// <summary>Of a device: its number within the driver.</summary>
    public uint RdevMinor => _rdevMinor;

    /// <summary>The file system's device, as one number in the kernel's 64-bit form (makedev(3)).</summary>
    public ulong Device => DeviceNumber.Make(_devMajor, _devMinor);

    /// <summary>Of a device: its number in the kernel's 64-bit form (makedev(3)).</summary>
    public ulong Rdev => DeviceNumber.Make(_rdevMajor, _rdevMinor);

    /// <summary>The mount's number.</summary>
    public ulong MountId => _mountId;

    /// <summary>Whether this is a directory.</summary>
    public bool IsDirectory => Type == ModeBits.S_IFDIR;

    /// <summary>Whether this is a regular file.</summary>
    public bool IsRegular => Type == ModeBits.S_IFREG;

    /// <summary>Whether this is a symbolic link.</summary>
    public bool IsSymlink => Type == ModeBits.S_IFLNK;
}
