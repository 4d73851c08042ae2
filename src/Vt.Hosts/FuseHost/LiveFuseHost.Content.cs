using Vt.Files;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Hosts.FuseHost;

/// <content>Content, attributes and listings.</content>
public sealed partial class LiveFuseHost
{
    // Of fallocate(2) and open(2), as Linux has them everywhere that we run.
    const uint KeepSize = 1;
    const uint PunchHole = 2;
    const uint ZeroRange = 16;
    const uint SyncedWrites = 0x1000; // O_DSYNC, which O_SYNC has in it
    const uint AccessMode = 3; // O_ACCMODE
    const uint ReadOnly = 0;
    const uint WriteOnly = 1;
    const uint NoAccessTime = 0x40000; // O_NOATIME
    const uint MustBeNew = 1; // XATTR_CREATE
    const uint MustExist = 2; // XATTR_REPLACE

    /// <summary>The attribute, of whatever is in the mount, that says as JSON how the mount stands.</summary>
    public static ReadOnlySpan<byte> StatusAttribute => "x-vt-status"u8;

    /// <inheritdoc/>
    /// <remarks>What is in the kernel's cache is read without us, so an open whose reads are to count as access does without it.</remarks>
    public override Errno Open(in FuseRequest request, in OpenIn arguments, ref OpenOut open)
    {
        var node = Of(request.Node);
        if (_opens is null && !_files.TracksOpens)
            return Errno.ENOSYS;
        var notesAccess = (arguments.Flags & AccessMode) != WriteOnly && (arguments.Flags & NoAccessTime) == 0;
        open.Flags = notesAccess && _files.TracksOpens && _files.IsAccessDue(node) ? OpenReplyFlags.None : OpenReplyFlags.KeepCache;
        if (_opens is null || _files.IsVirtual(node))
            return Errno.OK;
        if ((arguments.Flags & AccessMode) == ReadOnly)
        {
            var shown = _opens.OpenToReadAsync(request.Node, open.Flags);
            if (shown.IsCompletedSuccessfully)
                open = Noted(shown.Result, node, notesAccess);
            else
                _ = FinishOpenAsync(shown, node, notesAccess, request.Defer());
            return Errno.OK;
        }

        var opened = _opens.TryOpenToChangeAsync(request.Node, request.Interrupted);
        if (!opened.IsCompletedSuccessfully)
        {
            _ = FinishOpenAsync(opened, open.Flags, request.Defer());
            return Errno.OK;
        }

        open.Handle = PassedOpens.Changing;
        return Errno.OK;
    }

    /// <inheritdoc/>
    public override Errno Release(in FuseRequest request, in ReleaseIn arguments)
    {
        _opens?.Close(request.Node, arguments.Handle);
        return Errno.OK;
    }

    /// <inheritdoc/>
    public override Errno Read(in FuseRequest request, in ReadIn arguments, Span<byte> buffer, out int length)
    {
        if ((arguments.Flags & NoAccessTime) == 0)
            _files.NoteAccess(Of(request.Node));
        return FuseAnswers.Read(request, _files.ReadAsync(Of(request.Node), (long)arguments.Offset, request.Buffer, request.Interrupted), out length);
    }

    /// <inheritdoc/>
    public override Errno Write(in FuseRequest request, in WriteIn arguments, ReadOnlySpan<byte> data, out uint written)
    {
        written = 0;
        var node = Of(request.Node);
        if (_files.IsVirtual(node))
            return Errno.EPERM;
        var taken = _files.WriteAsync(node, (long)arguments.Offset, request.Payload[..data.Length], arguments.WriteFlags.HasFlag(WriteFlags.KillSuidGid), request.Interrupted);
        var isSynced = (arguments.Flags & SyncedWrites) != 0;
        if (!isSynced && taken.IsCompletedSuccessfully)
        {
            var outcome = taken.Result;
            written = (uint)outcome.Value;
            return Audited(request, outcome.Error);
        }

        _ = FinishWriteAsync(taken, isSynced, node, request.Defer());
        return Errno.OK;
    }

    /// <inheritdoc/>
    /// <remarks>Not interruptible: databases take an fsync that fails for lost data.</remarks>
    public override Errno Fsync(in FuseRequest request, in FsyncIn arguments) => Answer(request, _files.FsyncAsync(Of(request.Node)));

    /// <inheritdoc/>
    public override Errno Fsyncdir(in FuseRequest request, in FsyncIn arguments) => Answer(request, _files.FsyncAsync(Of(request.Node)));

    /// <inheritdoc/>
    public override Errno Syncfs(in FuseRequest request) => Answer(request, _files.FsyncAsync(Of(request.Node)));

    /// <inheritdoc/>
    public override Errno Flush(in FuseRequest request, in FlushIn arguments) => Errno.ENOSYS;

    /// <inheritdoc/>
    public override Errno Fallocate(in FuseRequest request, in FallocateIn arguments)
    {
        if (_files.IsVirtual(Of(request.Node)))
            return Errno.EPERM;
        AllocationKind? kind = (arguments.Mode & ~KeepSize) switch
        {
            0 => AllocationKind.Allocate,
            PunchHole => AllocationKind.PunchHole,
            ZeroRange => AllocationKind.ZeroRange,
            _ => null,
        };
        return kind is { } known
            ? Audited(request, _files.Fallocate(Of(request.Node), (long)arguments.Offset, (long)arguments.Length, known, (arguments.Mode & KeepSize) != 0, CallerOf(request)))
            : Errno.EOPNOTSUPP;
    }

    /// <inheritdoc/>
    public override Errno CopyFileRange(in FuseRequest request, in CopyFileRangeIn arguments, out ulong copied)
    {
        copied = 0;
        if (_files.IsVirtual(Of(request.Node)) || _files.IsVirtual(Of(arguments.NodeOut)))
            return Errno.EOPNOTSUPP; // the kernel copies by reading and writing then
        var outcome = _files.CopyRange(
            Of(request.Node), (long)arguments.OffsetIn, Of(arguments.NodeOut), (long)arguments.OffsetOut, (long)Math.Min(arguments.Length, long.MaxValue), CallerOf(request));
        copied = outcome.Succeeded ? (ulong)outcome.Value : 0;
        return Audited(request, outcome.Error);
    }

    /// <inheritdoc/>
    public override Errno Lseek(in FuseRequest request, in LseekIn arguments, out ulong offset) =>
        FuseAnswers.Lseek(request, _files.LseekAsync(Of(request.Node), (long)arguments.Offset, (int)arguments.Whence, request.Interrupted), out offset);

    /// <inheritdoc/>
    public override Errno Getxattr(in FuseRequest request, ReadOnlySpan<byte> name, Span<byte> value, out int length) =>
        name.SequenceEqual(StatusAttribute) ? FuseAnswers.Sized(request, new(LiveStatusText.Write(_files.GetStatus(), _connection, _opens?.Count ?? 0)), value, out length)
        : _files.IsVirtual(Of(request.Node)) ? FuseAnswers.Sized(request, new(Errno.ENODATA), value, out length)
        : LiveFileSystem.IsForOwner(name) && !LiveFileSystem.IsOwner(CallerOf(request)) ? FuseAnswers.Sized(request, new(Errno.EPERM), value, out length)
        : Turner is { } turner && name.SequenceEqual(LiveFileSystem.ArchiveAttribute) ? FuseAnswers.Sized(request, turner.ReadArchiveAsync(), value, out length)
        : FuseAnswers.Sized(request, _files.GetxattrAsync(Of(request.Node), First(request, name), request.Interrupted), value, out length);

    /// <inheritdoc/>
    public override Errno Listxattr(in FuseRequest request, Span<byte> names, out int length) =>
        _files.IsVirtual(Of(request.Node)) ? FuseAnswers.Sized(request, new(default(ReadOnlyMemory<byte>)), names, out length)
        : FuseAnswers.Sized(request, _files.ListxattrAsync(Of(request.Node), CallerOf(request), request.Interrupted), names, out length);

    /// <inheritdoc/>
    public override Errno Setxattr(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint flags, bool killSetgid)
    {
        if (_files.IsVirtual(Of(request.Node)))
            return Errno.EPERM;
        var (node, caller, interrupted) = (Of(request.Node), CallerOf(request), request.Interrupted);
        var (attribute, bytes) = (First(request, name), Second(request, name, value.Length));
        if (name.SequenceEqual(LiveFileSystem.ArchiveAttribute))
        {
            if (!LiveFileSystem.IsOwner(caller))
                return Errno.EPERM;
            return Turner is { } turner ? Answer(request, turner.TurnAsync(request.Unique, bytes, interrupted)) : Errno.EOPNOTSUPP;
        }

        if (LiveFileSystem.ReplacesEntries(name))
        {
            _ = FinishFilledAsync(_files.SetxattrAsync(caller, node, attribute, bytes, mustBeNew: false, mustExist: false, killSetgid, interrupted), request.Node, request.Defer());
            return Errno.OK;
        }

        if (!LiveFileSystem.ReplacesContent(name))
            return Answer(request, _files.SetxattrAsync(caller, node, attribute, bytes, (flags & MustBeNew) != 0, (flags & MustExist) != 0, killSetgid, interrupted));
        _ = FinishReplacedAsync(_opens?.ChangeAsync(request.Node, ReplaceAsync, Errno.ETXTBSY, interrupted) ?? ReplaceAsync(), request.Node, request.Defer());
        return Errno.OK;

        ValueTask<Errno> ReplaceAsync() => _files.SetxattrAsync(caller, node, attribute, bytes, mustBeNew: false, mustExist: false, killSetgid, interrupted);
    }

    /// <inheritdoc/>
    public override Errno Removexattr(in FuseRequest request, ReadOnlySpan<byte> name) =>
        _files.IsVirtual(Of(request.Node)) ? Errno.EPERM
        : Answer(request, _files.RemovexattrAsync(Of(request.Node), First(request, name), request.Interrupted));

    /// <inheritdoc/>
    public override Errno Opendir(in FuseRequest request, in OpenIn arguments, ref OpenOut open)
    {
        var outcome = _files.OpenDirectory(Of(request.Node));
        if (!outcome.Succeeded)
            return outcome.Error;
        open.Handle = (ulong)Interlocked.Increment(ref _lastHandle);
        if (!_files.TracksOpens || !_files.IsAccessDue(Of(request.Node)))
            open.Flags = OpenReplyFlags.KeepCache | OpenReplyFlags.CacheDirectory;
        _listings[open.Handle] = outcome.Value;
        return Errno.OK;
    }

    /// <inheritdoc/>
    public override Errno Releasedir(in FuseRequest request, in ReleaseIn arguments)
    {
        _listings.TryRemove(arguments.Handle, out _);
        return Errno.OK;
    }

    /// <inheritdoc/>
    public override void Abandon(NodeId node, ulong handle, bool isFolder)
    {
        if (isFolder)
            _listings.TryRemove(handle, out _);
        else
            _opens?.Close(node, handle);
    }

    /// <inheritdoc/>
    public override Errno Readdir(in FuseRequest request, in ReadIn arguments, ref DirectoryFiller filler)
    {
        if (!_listings.TryGetValue(arguments.Handle, out var listing))
            return Errno.EBADF;
        if (arguments.Offset == 0)
        {
            _files.NoteAccess(Of(request.Node));
            _habits.Begin(request.Pid, request.Node);
        }

        var position = arguments.Offset;
        while (true)
        {
            var prepared = _files.PrepareAsync(Of(request.Node), listing, position, filler.MostNames, request.Interrupted);
            if (!prepared.IsCompletedSuccessfully)
            {
                _ = FillLaterAsync(prepared.AsTask(), listing, Of(request.Node), position, request.Defer());
                return Errno.OK;
            }

            var error = prepared.Result;
            if (error != Errno.OK || IsFilled(listing, ref position, ref filler, _habits.Wants(request.Pid)))
                return error;
        }
    }

    async Task FillLaterAsync(Task<Errno> prepared, LiveListing listing, Files.Inodes.NodeId node, ulong position, FuseDeferral deferral)
    {
        using (deferral)
        {
            while (true)
            {
                var error = await prepared;
                if (error != Errno.OK)
                {
                    deferral.Complete(error);
                    return;
                }

                if (FillDeferred(listing, ref position, deferral) is { } length)
                {
                    deferral.CompleteBytes(length);
                    return;
                }

                prepared = _files.PrepareAsync(node, listing, position, 1, deferral.Interrupted).AsTask();
            }
        }
    }

    int? FillDeferred(LiveListing listing, ref ulong position, FuseDeferral deferral)
    {
        var filler = deferral.OpenFiller();
        return IsFilled(listing, ref position, ref filler, _habits.Wants(deferral.Pid)) ? filler.Length : null;
    }

    /// <summary>Adds what is prepared from a position on.</summary>
    /// <returns>Whether the reply can go: not where nothing was added though there is more.</returns>
    bool IsFilled(LiveListing listing, ref ulong position, ref DirectoryFiller filler, bool wantsAttributes)
    {
        const uint folder = 4;
        const ulong afterDots = 2;
        if (position == 0)
        {
            if (!filler.TryAdd("."u8, listing.Number, folder, 1))
                return true;
            position = 1;
        }

        if (position == 1)
        {
            if (!filler.TryAdd(".."u8, listing.ParentNumber, folder, afterDots))
                return true;
            position = afterDots;
        }

        while (true)
        {
            var next = position;
            switch (listing.Next(ref next, out var entry))
            {
                case ListingStep.End:
                    return true;
                case ListingStep.Unprepared:
                    position = next;
                    return filler.Count > 0;
            }

            if (!TryFill(listing, entry, next, ref filler, wantsAttributes || position < ListingHabits.Always))
                return true;
            position = next;
        }
    }

    bool TryFill(LiveListing listing, in ListedName entry, ulong next, ref DirectoryFiller filler, bool wantsAttributes)
    {
        var name = entry.Name.Span;
        if (!filler.HasRoomFor(name.Length))
            return false;
        if (wantsAttributes && filler.WantsEntries && _files.Enter(listing, entry) is { } found)
        {
            InodeReplies.Fill(found, ref filler.AddEntry(name, found.Attributes.Number, found.Attributes.Mode >> 12, next));
            return true;
        }

        return filler.TryAdd(name, entry.Number, entry.Type >> 12, next);
    }

    // The kernel has pages of the content that was, and its length. Telling it waits for pages that it reads from us, so no reader may wait for that, and only
    // few requests: the others are answered first.
    async Task FinishReplacedAsync(ValueTask<Errno> replaced, NodeId node, FuseDeferral deferral)
    {
        const int most = 4;
        using (deferral)
        {
            await Task.Yield();
            var error = await replaced;
            var isFirst = Interlocked.Increment(ref _invalidating) > most;
            if (isFirst)
                deferral.Complete(Audited(deferral, error));
            if (error == Errno.OK)
                Notifier?.InvalidateInode(node);
            Interlocked.Decrement(ref _invalidating);
            if (!isFirst)
                deferral.Complete(Audited(deferral, error));
        }
    }

    // Nobody tells us of the reads.
    OpenOut Noted(in OpenOut open, Files.Inodes.NodeId node, bool notesAccess)
    {
        if (notesAccess && open.Flags == OpenReplyFlags.Passthrough)
            _files.NoteAccess(node);
        return open;
    }

    async Task FinishOpenAsync(ValueTask<OpenOut> shown, Files.Inodes.NodeId node, bool notesAccess, FuseDeferral deferral)
    {
        using (deferral)
            deferral.Complete(Noted(await shown, node, notesAccess));
    }

    static async Task FinishOpenAsync(ValueTask<bool> opened, OpenReplyFlags flags, FuseDeferral deferral)
    {
        using (deferral)
        {
            if (await opened)
                deferral.Complete(new OpenOut { Handle = PassedOpens.Changing, Flags = flags });
            else
                deferral.Complete(Errno.ETXTBSY);
        }
    }

    async Task FinishWriteAsync(ValueTask<Outcome<int>> taken, bool isSynced, Files.Inodes.NodeId node, FuseDeferral deferral)
    {
        using (deferral)
        {
            var outcome = await taken;
            var error = outcome.Succeeded && isSynced ? await _files.FsyncAsync(node) : outcome.Error;
            if (error == Errno.OK)
                deferral.Complete(new WriteOut { Size = (uint)outcome.Value });
            else
                deferral.Complete(Audited(deferral, error));
        }
    }
}
