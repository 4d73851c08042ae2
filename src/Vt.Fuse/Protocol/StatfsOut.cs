using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>What <c>statfs</c> shows: <c>fuse_kstatfs</c>, 80 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatfsOut
{
    /// <summary>Size in units of <see cref="FragmentSize"/>.</summary>
    public ulong Blocks;

    /// <summary>Free, for the administrator too.</summary>
    public ulong FreeBlocks;

    /// <summary>Free for anybody.</summary>
    public ulong AvailableBlocks;

    /// <summary>How many nodes there can be.</summary>
    public ulong Files;

    /// <summary>How many more nodes there can be.</summary>
    public ulong FreeFiles;

    /// <summary>Preferred size of I/O in bytes.</summary>
    public uint BlockSize;

    /// <summary>Longest name in bytes.</summary>
    public uint NameLength;

    /// <summary>The unit of the block counts in bytes.</summary>
    public uint FragmentSize;

    /// <summary>Zero.</summary>
    public uint Padding;

    /// <summary>Zero.</summary>
    public uint Spare0;

    /// <summary>Zero.</summary>
    public uint Spare1;

    /// <summary>Zero.</summary>
    public uint Spare2;

    /// <summary>Zero.</summary>
    public uint Spare3;

    /// <summary>Zero.</summary>
    public uint Spare4;

    /// <summary>Zero.</summary>
    public uint Spare5;
}
