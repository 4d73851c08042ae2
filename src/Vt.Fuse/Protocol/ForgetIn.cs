using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Gives up references to one node: <c>fuse_forget_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct ForgetIn
{
    /// <summary>How many lookups are given back.</summary>
    public ulong Count;
}
