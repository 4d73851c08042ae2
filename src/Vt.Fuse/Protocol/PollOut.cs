using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Answers POLL: <c>fuse_poll_out</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollOut
{
    /// <summary>As poll(2).</summary>
    public uint ReturnedEvents;

    /// <summary>Zero.</summary>
    public uint Padding;
}
