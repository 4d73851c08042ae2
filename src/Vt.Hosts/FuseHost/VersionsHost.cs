using Vt.Files;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;
using NodeId = Vt.Fuse.Protocol.NodeId;

namespace Vt.Hosts.FuseHost;

/// <summary>
/// Shows a live tree, and beside it, under the name <c>.vt</c> in its root that no listing shows, trees that never change. Their nodes are told from those of the live tree by
/// the eight zeros at their beginning. An entry of that name in the live tree hides them.
/// </summary>
/// <param name="live">Shows the live tree, from its root.</param>
/// <param name="files">The live tree.</param>
/// <param name="versions">The other trees; disposed with this.</param>
public sealed class VersionsHost(LiveFuseHost live, LiveFileSystem files, ReadOnlyFileSystem versions) : FuseFileSystem, IDisposable
{
    readonly ReadOnlyFuseHost _versions = new(versions);

    /// <inheritdoc/>
    public override FuseInitFlags Features => live.Features;

    /// <inheritdoc/>
    public void Dispose() => _versions.Dispose();

    /// <inheritdoc/>
    public override void Started(FuseConnection connection) => live.Started(connection);

    /// <inheritdoc/>
    public override void Stopped() => live.Stopped();

    /// <inheritdoc/>
    public override Errno OnFailure(FuseOpcode opcode, NodeId node, Exception exception) => live.OnFailure(opcode, node, exception);

    /// <inheritdoc/>
    public override void Forget(NodeId node, ulong count)
    {
        if (IsVersion(node))
            _versions.Forget(node, count);
        else
            live.Forget(node, count);
    }

    /// <inheritdoc/>
    public override void Abandon(NodeId node, ulong handle, bool isFolder)
    {
        if (!IsVersion(node))
            live.Abandon(node, handle, isFolder);
    }

    /// <inheritdoc/>
    public override Errno Statfs(in FuseRequest request, ref StatfsOut status) => live.Statfs(request, ref status);

    /// <inheritdoc/>
    public override Errno Lookup(in FuseRequest request, ReadOnlySpan<byte> name, ref EntryOut entry)
    {
        if (request.Node == NodeId.Root && name.SequenceEqual(ReadOnlyFileSystem.VersionsName))
            return FuseAnswers.LookupVirtual(request, LookupVersionsAsync(request.Payload[..name.Length], request.Interrupted));
        return IsVersion(request.Node) ? _versions.Lookup(request, name, ref entry) : live.Lookup(request, name, ref entry);
    }

    /// <inheritdoc/>
    public override Errno Readlink(in FuseRequest request, Span<byte> target, out int length) =>
        IsVersion(request.Node) ? _versions.Readlink(request, target, out length) : live.Readlink(request, target, out length);

    /// <inheritdoc/>
    public override Errno Symlink(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, ref EntryOut entry) =>
        IsVersion(request.Node) ? Errno.EROFS : live.Symlink(request, name, target, ref entry);

    /// <inheritdoc/>
    public override Errno Mknod(in FuseRequest request, in MknodIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry) =>
        IsVersion(request.Node) ? Errno.EROFS : live.Mknod(request, arguments, name, ref entry);

    /// <inheritdoc/>
    public override Errno Mkdir(in FuseRequest request, in MkdirIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry) =>
        IsVersion(request.Node) ? Errno.EROFS : live.Mkdir(request, arguments, name, ref entry);

    /// <inheritdoc/>
    public override Errno Unlink(in FuseRequest request, ReadOnlySpan<byte> name) => IsVersion(request.Node) ? Errno.EROFS : live.Unlink(request, name);

    /// <inheritdoc/>
    public override Errno Rmdir(in FuseRequest request, ReadOnlySpan<byte> name)
    {
        if (IsVersion(request.Node))
            return Errno.EROFS;
        var error = live.Rmdir(request, name);
        return error == Errno.ENOENT && name.SequenceEqual(ReadOnlyFileSystem.VersionsName) ? Errno.EROFS : error;
    }

    /// <inheritdoc/>
    public override Errno Rename(in FuseRequest request, ReadOnlySpan<byte> name, NodeId newParent, ReadOnlySpan<byte> newName, RenameFlags flags) =>
        IsVersion(request.Node) || IsVersion(newParent) ? Errno.EROFS : live.Rename(request, name, newParent, newName, flags);

    /// <inheritdoc/>
    public override Errno Link(in FuseRequest request, NodeId node, ReadOnlySpan<byte> newName, ref EntryOut entry)
    {
        if (IsVersion(request.Node))
            return Errno.EROFS;
        return IsVersion(node) ? Errno.EXDEV : live.Link(request, node, newName, ref entry);
    }

    /// <inheritdoc/>
    public override Errno Create(in FuseRequest request, in CreateIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry, ref OpenOut open) =>
        IsVersion(request.Node) ? Errno.EROFS : live.Create(request, arguments, name, ref entry, ref open);

    /// <inheritdoc/>
    public override Errno Tmpfile(in FuseRequest request, in CreateIn arguments, ref EntryOut entry, ref OpenOut open) =>
        IsVersion(request.Node) ? Errno.EROFS : live.Tmpfile(request, arguments, ref entry, ref open);

    /// <inheritdoc/>
    public override Errno Opendir(in FuseRequest request, in OpenIn arguments, ref OpenOut open)
    {
        if (!IsVersion(request.Node))
            return live.Opendir(request, arguments, ref open);
        _versions.OpenFolder(request.Node, ref open);
        return Errno.OK;
    }

    /// <inheritdoc/>
    public override Errno Readdir(in FuseRequest request, in ReadIn arguments, ref DirectoryFiller filler) =>
        IsVersion(request.Node) ? _versions.Readdir(request, arguments, ref filler) : live.Readdir(request, arguments, ref filler);

    /// <inheritdoc/>
    public override Errno Releasedir(in FuseRequest request, in ReleaseIn arguments) => IsVersion(request.Node) ? Errno.OK : live.Releasedir(request, arguments);

    /// <inheritdoc/>
    public override Errno Fsyncdir(in FuseRequest request, in FsyncIn arguments) => IsVersion(request.Node) ? Errno.OK : live.Fsyncdir(request, arguments);

    /// <inheritdoc/>
    public override Errno Open(in FuseRequest request, in OpenIn arguments, ref OpenOut open)
    {
        if (!IsVersion(request.Node))
            return live.Open(request, arguments, ref open);

        // Where the live tree's files are opened by requests, those of the others are as well.
        if (arguments.Flags is var flags && (flags & AccessMask) != 0)
            return Errno.EROFS;
        open.Flags = OpenReplyFlags.KeepCache;
        return Errno.OK;
    }

    /// <inheritdoc/>
    public override Errno Read(in FuseRequest request, in ReadIn arguments, Span<byte> buffer, out int length) =>
        IsVersion(request.Node) ? _versions.Read(request, arguments, buffer, out length) : live.Read(request, arguments, buffer, out length);

    /// <inheritdoc/>
    public override Errno Write(in FuseRequest request, in WriteIn arguments, ReadOnlySpan<byte> data, out uint written)
    {
        written = 0;
        return IsVersion(request.Node) ? Errno.EROFS : live.Write(request, arguments, data, out written);
    }

    /// <inheritdoc/>
    public override Errno Flush(in FuseRequest request, in FlushIn arguments) => live.Flush(request, arguments);

    /// <inheritdoc/>
    public override Errno Release(in FuseRequest request, in ReleaseIn arguments) => IsVersion(request.Node) ? Errno.OK : live.Release(request, arguments);

    /// <inheritdoc/>
    public override Errno Fsync(in FuseRequest request, in FsyncIn arguments) => IsVersion(request.Node) ? Errno.OK : live.Fsync(request, arguments);

    /// <inheritdoc/>
    public override Errno Syncfs(in FuseRequest request) => live.Syncfs(request);

    /// <inheritdoc/>
    public override Errno Fallocate(in FuseRequest request, in FallocateIn arguments) => IsVersion(request.Node) ? Errno.EROFS : live.Fallocate(request, arguments);

    /// <inheritdoc/>
    public override Errno Lseek(in FuseRequest request, in LseekIn arguments, out ulong offset) =>
        IsVersion(request.Node) ? _versions.Lseek(request, arguments, out offset) : live.Lseek(request, arguments, out offset);

    /// <inheritdoc/>
    /// <remarks>Between the trees the kernel copies by reading and writing.</remarks>
    public override Errno CopyFileRange(in FuseRequest request, in CopyFileRangeIn arguments, out ulong copied)
    {
        copied = 0;
        return IsVersion(request.Node) || IsVersion(arguments.NodeOut) ? Errno.EOPNOTSUPP : live.CopyFileRange(request, arguments, out copied);
    }

    /// <inheritdoc/>
    public override Errno Ioctl(in FuseRequest request, in IoctlIn arguments, ReadOnlySpan<byte> input, Span<byte> output, ref IoctlOut result, out int length)
    {
        length = 0;
        return IsVersion(request.Node) ? Errno.ENOTTY : live.Ioctl(request, arguments, input, output, ref result, out length);
    }

    /// <inheritdoc/>
    public override Errno Getattr(in FuseRequest request, in GetattrIn arguments, ref AttrOut attributes) =>
        IsVersion(request.Node) ? _versions.Getattr(request, arguments, ref attributes) : live.Getattr(request, arguments, ref attributes);

    /// <inheritdoc/>
    public override Errno Setattr(in FuseRequest request, in SetattrIn arguments, ref AttrOut attributes) =>
        IsVersion(request.Node) ? Errno.EROFS : live.Setattr(request, arguments, ref attributes);

    /// <inheritdoc/>
    public override Errno Statx(in FuseRequest request, in StatxIn arguments, ref StatxOut attributes) =>
        IsVersion(request.Node) ? _versions.Statx(request, arguments, ref attributes) : live.Statx(request, arguments, ref attributes);

    /// <inheritdoc/>
    public override Errno Setxattr(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint flags, bool killSetgid) =>
        IsVersion(request.Node) ? Errno.EROFS : live.Setxattr(request, name, value, flags, killSetgid);

    /// <inheritdoc/>
    public override Errno Getxattr(in FuseRequest request, ReadOnlySpan<byte> name, Span<byte> value, out int length) =>
        IsVersion(request.Node) ? _versions.Getxattr(request, name, value, out length) : live.Getxattr(request, name, value, out length);

    /// <inheritdoc/>
    public override Errno Listxattr(in FuseRequest request, Span<byte> names, out int length) =>
        IsVersion(request.Node) ? _versions.Listxattr(request, names, out length) : live.Listxattr(request, names, out length);

    /// <inheritdoc/>
    public override Errno Removexattr(in FuseRequest request, ReadOnlySpan<byte> name) => IsVersion(request.Node) ? Errno.EROFS : live.Removexattr(request, name);

    // open(2): the lowest bits are 0 for reading alone.
    const uint AccessMask = 3;

    static bool IsVersion(NodeId node) => node.Value >> 56 == 0 && node != NodeId.Root;

    async ValueTask<Outcome<Files.Inodes.FoundNode>> LookupVersionsAsync(ReadOnlyMemory<byte> name, CancellationToken interrupted)
    {
        var own = await files.LookupAsync(Files.Inodes.NodeId.Root, name, interrupted);
        return own.Error == Errno.ENOENT ? await versions.LookupAsync(Files.Inodes.NodeId.Root, name, interrupted) : own;
    }
}
