using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary><c>fuse_notify_inval_entry_out</c>, 16 bytes; name and NUL follow.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyInvalEntryOut
{
    /// <summary>The folder.</summary>
    public NodeId Parent;

    /// <summary>Bytes of the name without NUL.</summary>
    public uint NameLength;

    /// <summary>Bit 0: expire only.</summary>
    public uint Flags;
}
