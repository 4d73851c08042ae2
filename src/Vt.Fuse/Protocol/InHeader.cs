using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Heads every request: <c>fuse_in_header</c>, 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct InHeader
{
    /// <summary>Bytes of the whole message, this header included.</summary>
    public uint Length;

    /// <summary>What is asked.</summary>
    public FuseOpcode Opcode;

    /// <summary>Names the request; the reply repeats it.</summary>
    public ulong Unique;

    /// <summary>The node that is acted upon.</summary>
    public NodeId Node;

    /// <summary>File-system user id of the caller; 0 of what the kernel does by itself.</summary>
    public uint Uid;

    /// <summary>File-system group id of the caller.</summary>
    public uint Gid;

    /// <summary>Process id of the caller's thread, in the server's pid namespace.</summary>
    public uint Pid;

    /// <summary>Length of the extensions at the message's end, in units of 8 bytes.</summary>
    public ushort ExtensionUnits;

    /// <summary>Zero.</summary>
    public ushort Padding;
}
