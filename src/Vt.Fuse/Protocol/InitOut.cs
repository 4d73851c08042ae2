using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>What we take of it: <c>fuse_init_out</c>, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct InitOut
{
    /// <summary>Protocol major number: 7.</summary>
    public uint Major;

    /// <summary>Protocol minor number that we speak.</summary>
    public uint Minor;

    /// <summary>The most to read ahead, in bytes.</summary>
    public uint MaxReadahead;

    /// <summary>Low half of <see cref="FuseInitFlags"/>.</summary>
    public uint Flags;

    /// <summary>How many background requests may be out at once.</summary>
    public ushort MaxBackground;

    /// <summary>From how many background requests on the device counts as congested.</summary>
    public ushort CongestionThreshold;

    /// <summary>Most bytes of one WRITE.</summary>
    public uint MaxWrite;

    /// <summary>Nanoseconds; a power of ten.</summary>
    public uint TimeGranularity;

    /// <summary>Most pages of one request.</summary>
    public ushort MaxPages;

    /// <summary>Log2 of DAX alignment; zero.</summary>
    public ushort MapAlignment;

    /// <summary>High half of the flags.</summary>
    public uint Flags2;

    /// <summary>How deep backing filesystems of passthrough may stack.</summary>
    public uint MaxStackDepth;

    /// <summary>Seconds after which the kernel gives up; zero is never.</summary>
    public ushort RequestTimeout;

    /// <summary>Zero.</summary>
    public ushort Unused0;

    /// <summary>Zero.</summary>
    public uint Unused1;

    /// <summary>Zero.</summary>
    public uint Unused2;

    /// <summary>Zero.</summary>
    public uint Unused3;

    /// <summary>Zero.</summary>
    public uint Unused4;

    /// <summary>Zero.</summary>
    public uint Unused5;
}
