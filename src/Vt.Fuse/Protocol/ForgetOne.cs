using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>One item of BATCH_FORGET: <c>fuse_forget_one</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct ForgetOne
{
    /// <summary>The node.</summary>
    public NodeId Node;

    /// <summary>How many lookups are given back.</summary>
    public ulong Count;
}
