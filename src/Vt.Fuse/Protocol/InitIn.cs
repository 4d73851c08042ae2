using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>What the kernel offers: <c>fuse_init_in</c>, 64 bytes; 16 before 7.36.</summary>
[StructLayout(LayoutKind.Sequential)]
struct InitIn
{
    /// <summary>Protocol major number: 7.</summary>
    public uint Major;

    /// <summary>Protocol minor number.</summary>
    public uint Minor;

    /// <summary>The most that is read ahead, in bytes.</summary>
    public uint MaxReadahead;

    /// <summary>Low half of <see cref="FuseInitFlags"/>.</summary>
    public uint Flags;

    /// <summary>High half, with <see cref="FuseInitFlags.Extended"/>.</summary>
    public uint Flags2;

    /// <summary>Zero.</summary>
    public uint Unused0;

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

    /// <summary>Zero.</summary>
    public uint Unused6;

    /// <summary>Zero.</summary>
    public uint Unused7;

    /// <summary>Zero.</summary>
    public uint Unused8;

    /// <summary>Zero.</summary>
    public uint Unused9;

    /// <summary>Zero.</summary>
    public uint Unused10;
}
