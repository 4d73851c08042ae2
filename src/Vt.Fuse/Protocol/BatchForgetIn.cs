using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Heads BATCH_FORGET: <c>fuse_batch_forget_in</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct BatchForgetIn
{
    /// <summary>How many items follow.</summary>
    public uint Count;

    /// <summary>Zero.</summary>
    public uint Padding;
}
