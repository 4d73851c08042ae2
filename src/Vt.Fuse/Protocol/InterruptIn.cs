using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>The caller of a request got a signal: <c>fuse_interrupt_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct InterruptIn
{
    /// <summary>The request that is to end early.</summary>
    public ulong Unique;
}
