using System.Collections.Concurrent;
using Vt.Files;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;
using Vt.Trees.Meta;
using NodeId = Vt.Fuse.Protocol.NodeId;

namespace Vt.Hosts.FuseHost;

/// <summary>
/// Shows a <see cref="LiveFileSystem"/> to the kernel. The kernel checks permissions and access lists, and keeps locks, so the mount needs
/// <c>default_permissions</c>; everything that changes comes through it, so it may keep whatever it was told.
/// </summary>
public sealed partial class LiveFuseHost : FuseFileSystem
{
    readonly LiveFileSystem _files;
    readonly Files.Inodes.NodeId _root;
    readonly Action<string>? _onRefused;
    readonly ListingHabits _habits = new();
    readonly PassedOpens? _opens;
    FuseConnection? _connection;
    readonly ConcurrentDictionary<ulong, LiveListing> _listings = new();
    long _lastHandle;
    int _invalidating;

    /// <summary>Shows a file system.</summary>
    /// <param name="files">The file system; not disposed.</param>
    /// <param name="root">The folder that is shown; the caller holds a lookup of it for as long as this lasts.</param>
    /// <param name="onRefused">Of an append-only tree: gets a line about each attempt to destroy or change something; null for nobody.</param>
    /// <param name="passthrough">Gets a line where the kernel is to read flat copies by itself and can't; null where it isn't to.</param>
    public LiveFuseHost(LiveFileSystem files, Files.Inodes.NodeId root, Action<string>? onRefused = null, Action<string>? passthrough = null)
    {
        _opens = passthrough is null ? null : new PassedOpens(node => files.OpenFlatCopy(Of(node)), passthrough);
        _root = root;
        _onRefused = onRefused;
        _files = files;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Files need no opening: their inodes stay as long as the kernel has them open, and a write says whether it is to be synchronous. An O_TRUNC comes as a
    /// change of the length then. Direct I/O of one caller is one request at a time, also what io_submit(2) hands over, so that the kernel drops the pages that
    /// it has behind each write: after one that completes behind its caller it does not, and who reads through the cache would see old bytes for ever.
    /// </remarks>
    public override FuseInitFlags Features =>
        (FuseSessionOptions.UsualFeatures | FuseInitFlags.PosixAcl | Handles)
        & ~(FuseInitFlags.AtomicTruncate | FuseInitFlags.NoOpendirSupport | FuseInitFlags.ReaddirPlusAuto | FuseInitFlags.AsyncDirectIo
            | (_files.TracksOpens ? FuseInitFlags.CacheSymlinks : FuseInitFlags.None))
        | (_opens is null ? FuseInitFlags.None : FuseInitFlags.Passthrough);

    // A handle may lead anywhere in the tree, so there are none where only a part of it is shown.
    FuseInitFlags Handles => _root == Files.Inodes.NodeId.Root ? FuseInitFlags.ExportSupport : FuseInitFlags.None;

    /// <summary>Tells the kernel of what changes otherwise than through it; to be set once it is mounted.</summary>
    public FuseNotifier? Notifier { get; set; }

    /// <summary>Lets the mount become another tree; null where that can't be: only where a whole archive is mounted. To be set once it is mounted.</summary>
    public TreeTurner? Turner { get; set; }

    /// <summary>Whether the kernel reads some flat copy by itself.</summary>
    public bool IsPassing => _opens is { Count: > 0 };

    /// <summary>Registers the flat copies that the kernel is to read by itself; to be set once it is mounted, where that was agreed.</summary>
    public FuseBacking? Backing
    {
        get => _opens?.Backing;
        set
        {
            if (_opens is not null)
                _opens.Backing = value;
        }
    }

    /// <inheritdoc/>
    public override void Started(FuseConnection connection) => _connection = connection;

    /// <inheritdoc/>
    public override void Forget(NodeId node, ulong count)
    {
        if (node != NodeId.Root)
            _files.Forget(Of(node), count);
    }

    /// <inheritdoc/>
    public override Errno Lookup(in FuseRequest request, ReadOnlySpan<byte> name, ref EntryOut entry)
    {
        _habits.NoteLookup(request.Pid, request.Node);
        var found = _files.LookupAsync(Of(request.Node), First(request, name), request.Interrupted);
        return _files.IsVirtualName(name) ? LookupVirtual(request, found, name) : FuseAnswers.Lookup(request, found, ref entry);
    }

    /// <inheritdoc/>
    public override Errno Getattr(in FuseRequest request, in GetattrIn arguments, ref AttrOut attributes) =>
        Answer(request, _files.GetattrAsync(Of(request.Node), request.Interrupted), ref attributes);

    /// <inheritdoc/>
    public override Errno Statx(in FuseRequest request, in StatxIn arguments, ref StatxOut attributes) =>
        FuseAnswers.Statx(request, _files.GetattrAsync(Of(request.Node), request.Interrupted), ref attributes);

    /// <inheritdoc/>
    public override Errno Setattr(in FuseRequest request, in SetattrIn arguments, ref AttrOut attributes) =>
        _files.IsVirtual(Of(request.Node)) ? Errno.EPERM
        : Answer(request, SetattrAsync(request.Node, ChangeOf(arguments), request.Interrupted), ref attributes);

    /// <inheritdoc/>
    public override Errno Readlink(in FuseRequest request, Span<byte> target, out int length)
    {
        _files.NoteAccess(Of(request.Node));
        return FuseAnswers.Bytes(request, _files.ReadlinkAsync(Of(request.Node), request.Interrupted), target, out length);
    }

    /// <inheritdoc/>
    public override Errno Symlink(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, ref EntryOut entry) =>
        Answer(request, _files.SymlinkAsync(CallerOf(request), Of(request.Node), First(request, name), Second(request, name, target.Length), request.Interrupted), ref entry);

    /// <inheritdoc/>
    public override Errno Mknod(in FuseRequest request, in MknodIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry)
    {
        var (major, minor) = FuseAttributes.DeviceParts(arguments.Device);
        return Answer(
            request,
            _files.MakeAsync(CallerOf(request), Of(request.Node), First(request, name), arguments.Mode, arguments.Umask, new DeviceId(major, minor), request.Interrupted),
            ref entry);
    }

    /// <inheritdoc/>
    public override Errno Mkdir(in FuseRequest request, in MkdirIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry) =>
        Answer(
            request,
            _files.MakeAsync(
                CallerOf(request), Of(request.Node), First(request, name), (arguments.Mode & ModeBits.PermissionMask) | ModeBits.S_IFDIR, arguments.Umask, null, request.Interrupted),
            ref entry);

    /// <inheritdoc/>
    public override Errno Create(in FuseRequest request, in CreateIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry, ref OpenOut open)
    {
        var made = _files.MakeAsync(
            CallerOf(request), Of(request.Node), First(request, name), (arguments.Mode & ModeBits.PermissionMask) | ModeBits.S_IFREG, arguments.Umask, null, request.Interrupted);
        return AnswerOpened(request, made, ref entry, ref open);
    }

    /// <inheritdoc/>
    public override Errno Tmpfile(in FuseRequest request, in CreateIn arguments, ref EntryOut entry, ref OpenOut open) =>
        AnswerOpened(request, _files.MakeUnnamedAsync(CallerOf(request), Of(request.Node), arguments.Mode, arguments.Umask, request.Interrupted), ref entry, ref open);

    /// <inheritdoc/>
    public override Errno Link(in FuseRequest request, NodeId node, ReadOnlySpan<byte> newName, ref EntryOut entry) =>
        _files.IsVirtual(Of(node)) ? Errno.EPERM
        : Answer(request, _files.LinkAsync(Of(node), Of(request.Node), First(request, newName), request.Interrupted), ref entry);

    /// <inheritdoc/>
    public override Errno Unlink(in FuseRequest request, ReadOnlySpan<byte> name) =>
        Answer(request, RemovedAsync(name, _files.UnlinkAsync(Of(request.Node), First(request, name), request.Interrupted)));

    /// <inheritdoc/>
    public override Errno Rmdir(in FuseRequest request, ReadOnlySpan<byte> name) =>
        Answer(request, _files.RmdirAsync(Of(request.Node), First(request, name), request.Interrupted));

    /// <inheritdoc/>
    public override Errno Rename(in FuseRequest request, ReadOnlySpan<byte> name, NodeId newParent, ReadOnlySpan<byte> newName, RenameFlags flags)
    {
        if ((flags & ~(RenameFlags.NoReplace | RenameFlags.Exchange | RenameFlags.Whiteout)) != 0)
            return Errno.EINVAL;
        var renamed = _files.RenameAsync(
            CallerOf(request), Of(request.Node), First(request, name), Of(newParent), Second(request, name, newName.Length), (RenameOptions)flags, request.Interrupted);
        return Answer(request, RemovedAsync(name, renamed));
    }

    /// <inheritdoc/>
    public override Errno Statfs(in FuseRequest request, ref StatfsOut status)
    {
        const uint block = 4096;
        const ulong plenty = 1ul << 32;
        var space = _files.Statfs();
        status.BlockSize = block;
        status.FragmentSize = block;
        status.NameLength = 255;
        status.Blocks = (ulong)space.TotalBytes / block;
        status.FreeBlocks = (ulong)space.FreeBytes / block;
        status.AvailableBlocks = (ulong)space.AvailableBytes / block;
        status.Files = plenty;
        status.FreeFiles = plenty;
        return Errno.OK;
    }

    // The kernel knows what is mounted by the number of a root, whichever folder it is.
    Files.Inodes.NodeId Of(NodeId node) => node == NodeId.Root ? _root : new(node.Value);

    static Caller CallerOf(in FuseRequest request) => new(request.Uid, request.Gid);

    // Names lie in the request one after another, each with its NUL; the request's memory stays until it is answered.
    static ReadOnlyMemory<byte> First(in FuseRequest request, ReadOnlySpan<byte> name) => request.Payload[..name.Length];

    static ReadOnlyMemory<byte> Second(in FuseRequest request, ReadOnlySpan<byte> first, int length) => request.Payload.Slice(first.Length + 1, length);

    static StatusChange ChangeOf(in SetattrIn arguments)
    {
        var fields = arguments.Fields;
        return new StatusChange
        {
            Mode = fields.HasFlag(SetattrFields.Mode) ? arguments.Mode : null,
            Uid = fields.HasFlag(SetattrFields.Uid) ? arguments.Uid : null,
            Gid = fields.HasFlag(SetattrFields.Gid) ? arguments.Gid : null,
            Size = fields.HasFlag(SetattrFields.Size) ? (long)arguments.Size : null,
            Accessed = fields.HasFlag(SetattrFields.AccessTime) ? new Timestamp((long)arguments.AccessTime, arguments.AccessNanoseconds) : null,
            Modified = fields.HasFlag(SetattrFields.ModificationTime) ? new Timestamp((long)arguments.ModificationTime, arguments.ModificationNanoseconds) : null,
            AccessedNow = fields.HasFlag(SetattrFields.AccessTimeNow),
            ModifiedNow = fields.HasFlag(SetattrFields.ModificationTimeNow),

            // Nothing at all comes of a chown(2) to nobody in particular, which takes privileges away as any other does.
            KillPrivileges = fields.HasFlag(SetattrFields.KillSuidGid) || (fields & ~(SetattrFields.Handle | SetattrFields.LockOwner)) == 0,
        };
    }

    static Errno FillMade(in Outcome<FoundNode> found, ref EntryOut entry)
    {
        if (found.Succeeded)
            InodeReplies.Fill(found.Value, ref entry);
        return found.Error;
    }

    Errno Answer(in FuseRequest request, ValueTask<Outcome<FoundNode>> made, ref EntryOut entry)
    {
        if (made.IsCompletedSuccessfully)
            return FillMade(made.Result, ref entry);
        return FuseAnswers.Defer(request, made, static (value, deferral) =>
        {
            var entry = default(EntryOut);
            InodeReplies.Fill(value, ref entry);
            deferral.Complete(entry);
        }, Tell);
    }

    Errno AnswerOpened(in FuseRequest request, ValueTask<Outcome<FoundNode>> made, ref EntryOut entry, ref OpenOut open)
    {
        if (made.IsCompletedSuccessfully)
        {
            var outcome = made.Result;
            if (outcome.Succeeded)
                open = OpenMade(outcome.Value);
            return FillMade(outcome, ref entry);
        }

        return FuseAnswers.Defer(request, made, (value, deferral) =>
        {
            var entry = default(EntryOut);
            InodeReplies.Fill(value, ref entry);
            deferral.Complete(entry, OpenMade(value));
        }, Tell);
    }

    OpenOut OpenMade(in FoundNode made)
    {
        _opens?.OpenMade(new NodeId(made.Node.Value));
        return new OpenOut { Flags = OpenReplyFlags.KeepCache, Handle = _opens is null ? 0 : PassedOpens.Changing };
    }

    ValueTask<Outcome<InodeAttributes>> SetattrAsync(NodeId node, StatusChange change, CancellationToken interrupted) => _opens is null || change.Size is null
        ? _files.SetattrAsync(Of(node), change, interrupted)
        : _opens.ChangeAsync<Outcome<InodeAttributes>>(node, () => _files.SetattrAsync(Of(node), change, interrupted), Errno.ETXTBSY, interrupted);

    Errno Answer(in FuseRequest request, ValueTask<Outcome<InodeAttributes>> found, ref AttrOut attributes)
    {
        if (!found.IsCompletedSuccessfully)
            return FuseAnswers.Defer(request, found, static (value, deferral) => deferral.Complete(InodeReplies.Attributes(value)), Tell);
        var outcome = found.Result;
        attributes = InodeReplies.Attributes(outcome.Value);
        return Audited(request, outcome.Error);
    }

    Errno Answer(in FuseRequest request, ValueTask<Errno> done)
    {
        if (done.IsCompletedSuccessfully)
            return Audited(request, done.Result);
        var deferral = request.Defer();
        _ = FinishAsync(done, deferral);
        return Errno.OK;
    }

    async Task FinishAsync(ValueTask<Errno> operation, FuseDeferral deferral)
    {
        using (deferral)
            deferral.Complete(Audited(deferral, await operation));
    }

    Errno Audited(in FuseRequest request, Errno error)
    {
        if (error == Errno.EPERM && _onRefused is not null)
            Tell(request.Opcode, request.Node, request.Uid, request.Pid);
        return error;
    }

    Errno Audited(FuseDeferral deferral, Errno error)
    {
        Tell(deferral, error);
        return error;
    }

    void Tell(FuseDeferral deferral, Errno error)
    {
        if (error == Errno.EPERM && _onRefused is not null)
            Tell(deferral.Opcode, deferral.Node, deferral.Uid, deferral.Pid);
    }

    void Tell(FuseOpcode opcode, NodeId node, uint uid, uint pid) =>
        _onRefused?.Invoke($"append-only: refused {opcode.ToString().ToUpperInvariant()} at {_files.PathOf(Of(node))} by user {uid}, process {pid}");
}
