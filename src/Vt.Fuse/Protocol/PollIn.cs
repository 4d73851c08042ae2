using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Asks for readiness: <c>fuse_poll_in</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollIn
{
    /// <summary>The open.</summary>
    public ulong Handle;

    /// <summary>Names the poll in a later wake-up.</summary>
    public ulong KernelHandle;

    /// <summary>Bit 0: a wake-up is wanted.</summary>
    public uint Flags;

    /// <summary>As poll(2).</summary>
    public uint Events;
}
