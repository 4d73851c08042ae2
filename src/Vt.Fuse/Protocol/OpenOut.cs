using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Answers OPEN, OPENDIR, CREATE and TMPFILE: <c>fuse_open_out</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenOut
{
    /// <summary>The filesystem's own name for this open; comes back with each request on it.</summary>
    public ulong Handle;

    /// <summary>How the kernel is to treat the open file.</summary>
    public OpenReplyFlags Flags;

    /// <summary>With <see cref="OpenReplyFlags.Passthrough"/>, the registered backing file; else zero.</summary>
    public int BackingId;
}
