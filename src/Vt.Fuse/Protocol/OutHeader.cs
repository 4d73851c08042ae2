using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Heads every reply and notification: <c>fuse_out_header</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct OutHeader
{
    /// <summary>Bytes of the whole message, this header included.</summary>
    public uint Length;

    /// <summary>Zero or a negative errno of a reply; the code of a notification.</summary>
    public int Error;

    /// <summary>The request that is answered; zero of a notification.</summary>
    public ulong Unique;
}
