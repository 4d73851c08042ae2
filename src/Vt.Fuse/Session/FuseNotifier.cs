using System.Runtime.InteropServices;
using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// Tells the kernel that something changed without its doing. Each call waits for the kernel's locks of the nodes concerned, so it must
/// come neither from a handler nor while a lock is held that a handler takes, or both wait for ever. ENOENT: the kernel
/// doesn't know the node or name, so there was nothing to tell.
/// </summary>
public sealed class FuseNotifier
{
    const uint ExpireOnly = 1;

    readonly FuseTransport _transport;

    internal FuseNotifier(FuseTransport transport) => _transport = transport;

    /// <summary>Cached attributes and data of a node are stale.</summary>
    /// <param name="node">The node.</param>
    /// <param name="offset">First stale byte; negative for the attributes alone.</param>
    /// <param name="length">How many bytes; zero reaches to the end.</param>
    public Errno InvalidateInode(NodeId node, long offset = 0, long length = 0) =>
        Send(NotifyCode.InvalidateInode, new NotifyInvalInodeOut { Node = node, Offset = offset, Length = length }, default, nul: false);

    /// <summary>A cached name, present or absent, is stale.</summary>
    /// <param name="parent">The folder.</param>
    /// <param name="name">The name.</param>
    /// <param name="expireOnly">Keep it where something is mounted or open below, and look it up again at the next use.</param>
    public Errno InvalidateEntry(NodeId parent, ReadOnlySpan<byte> name, bool expireOnly = false)
    {
        var head = new NotifyInvalEntryOut { Parent = parent, NameLength = (uint)name.Length, Flags = expireOnly ? ExpireOnly : 0 };
        return Send(NotifyCode.InvalidateEntry, head, name, nul: true);
    }

    /// <summary>A name was removed; watchers of the folder are told.</summary>
    /// <param name="parent">The folder.</param>
    /// <param name="child">The node that the name stood for.</param>
    /// <param name="name">The name.</param>
    public Errno Delete(NodeId parent, NodeId child, ReadOnlySpan<byte> name) =>
        Send(NotifyCode.Delete, new NotifyDeleteOut { Parent = parent, Child = child, NameLength = (uint)name.Length }, name, nul: true);

    /// <summary>Puts data into the page cache.</summary>
    /// <param name="node">The node.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="data">The bytes, at most <see cref="FuseConnection.MaxWrite"/>.</param>
    public Errno Store(NodeId node, ulong offset, ReadOnlySpan<byte> data) =>
        Send(NotifyCode.Store, new NotifyStoreOut { Node = node, Offset = offset, Size = (uint)data.Length }, data, nul: false);

    /// <summary>A polled file is ready.</summary>
    /// <param name="kernelHandle">From <see cref="PollIn.KernelHandle"/>.</param>
    public Errno WakePoll(ulong kernelHandle) =>
        Send(NotifyCode.Poll, new NotifyPollOut { KernelHandle = kernelHandle }, default, nul: false);

    /// <summary>All cached names are stale and looked up again at the next use (Linux 6.16 and newer; EINVAL before).</summary>
    public Errno IncrementEpoch() => _transport.Notify(NotifyCode.IncrementEpoch, default, default, nul: false);

    Errno Send<T>(NotifyCode code, in T head, ReadOnlySpan<byte> tail, bool nul)
        where T : unmanaged => _transport.Notify(code, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in head)), tail, nul);
}
