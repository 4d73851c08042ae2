using Vt.Blocks.BlockTree;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <content>Operations that change names.</content>
public sealed partial class LiveFileSystem
{
    /// <summary>Makes a file, directory, fifo, socket or device. The caller holds a lookup of it.</summary>
    /// <param name="caller">Whose it becomes.</param>
    /// <param name="directory">Where.</param>
    /// <param name="name">Under which name; EEXIST where that is taken.</param>
    /// <param name="mode">Type and permissions as in st_mode.</param>
    /// <param name="umask">The permissions that are taken away, unless the directory has a default access list.</param>
    /// <param name="device">Of a device.</param>
    /// <param name="cancellationToken">Gives up waiting for the store.</param>
    public ValueTask<Outcome<FoundNode>> MakeAsync(
        Caller caller, NodeId directory, ReadOnlyMemory<byte> name, uint mode, uint umask, DeviceId? device = null, CancellationToken cancellationToken = default)
    {
        if (DirentModes.KindOf(mode) is not { } kind || kind == DirentKind.Symlink)
            return RefuseAsync<FoundNode>(Errno.EINVAL);
        return MakeAsync(new NewInode(Stored(caller), kind, mode & Metadata.PermissionMask, umask, kind is DirentKind.BlockDevice or DirentKind.CharacterDevice ? device ?? default : null), directory, name, cancellationToken);
    }

    /// <summary>Makes a symbolic link.</summary>
    /// <param name="caller">Whose it becomes.</param>
    /// <param name="directory">Where.</param>
    /// <param name="name">Under which name.</param>
    /// <param name="target">Where it leads; copied.</param>
    /// <param name="cancellationToken">Gives up waiting for the store.</param>
    public ValueTask<Outcome<FoundNode>> SymlinkAsync(
        Caller caller, NodeId directory, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target, CancellationToken cancellationToken = default)
    {
        if (target.Length > LongestTarget)
            return RefuseAsync<FoundNode>(Errno.ENAMETOOLONG);
        if (target.IsEmpty)
            return RefuseAsync<FoundNode>(Errno.ENOENT);
        var made = new NewInode(Stored(caller), DirentKind.Symlink, 0x1ff, 0, null);
        if (target.Length <= BlockRef.LongestLiteral)
            return MakeAsync(made with { Target = BlockRef.Literal(target.Span) }, directory, name, cancellationToken);
        if (TryFindDirectory(directory, out var inode) is var error && error != Errno.OK)
            return RefuseAsync<FoundNode>(error);
        return GuardAsync(inode, "making a symbolic link", async () =>
            await MakeAsync(made with { Target = await _checkpointer.StoreTargetAsync(target, cancellationToken) }, directory, name, cancellationToken));
    }

    /// <summary>Makes a file that has no name yet (O_TMPFILE). The caller holds a lookup of it.</summary>
    public ValueTask<Outcome<FoundNode>> MakeUnnamedAsync(Caller caller, NodeId directory, uint mode, uint umask, CancellationToken cancellationToken = default)
    {
        if (TryFindDirectory(directory, out var parent) is var error && error != Errno.OK)
            return RefuseAsync<FoundNode>(error);
        return GuardAsync(parent, "making a file", async () =>
        {
            await LoadXattrsAsync(parent, cancellationToken);
            using (_gate.Enter())
            {
                lock (_tree.Gate)
                {
                    // As ext4 answers for a directory that is gone.
                    if (parent.IsOrphan)
                        return Errno.EPERM;
                    var inode = _tree.Create(DirentKind.File, StatusOf(new NewInode(Stored(caller), DirentKind.File, mode & Metadata.PermissionMask, umask, null), parent, Now()));
                    inode.BoundEpoch = 0;
                    inode.Lookups = 1;
                    _tree.NoteNameless(inode);
                    return (Outcome<FoundNode>)Found(inode);
                }
            }
        });
    }

    /// <summary>Gives an inode another name. The caller holds one more lookup of it.</summary>
    public ValueTask<Outcome<FoundNode>> LinkAsync(NodeId node, NodeId directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default)
    {
        if (CheckName(name.Span) is var fault && fault != Errno.OK)
            return RefuseAsync<FoundNode>(fault);
        if (TryFindDirectory(directory, out var parent) is var error && error != Errno.OK)
            return RefuseAsync<FoundNode>(error);
        if (_tree.Find(node) is not { } inode)
            return RefuseAsync<FoundNode>(Errno.ESTALE);
        if (inode.Directory is not null)
            return RefuseAsync<FoundNode>(Errno.EPERM);
        return GuardAsync(parent, "making a link", async () =>
        {
            while (true)
            {
                // What comes to be local has to be known whole.
                if (!_tree.Rules.IsEmpty)
                    await LoadXattrsAsync(inode, cancellationToken);
                var at = await _tree.ResolveAsync(parent, name, 0, cancellationToken);
                if (at.Inode is not null)
                    return Errno.EEXIST;
                if (TryLink(inode, parent, name.Span, at, out var outcome))
                    return outcome;
            }
        });
    }

    /// <summary>Removes a name of what isn't a directory.</summary>
    public ValueTask<Errno> UnlinkAsync(NodeId directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default) =>
        RemoveAsync(directory, name, isDirectory: false, cancellationToken);

    /// <summary>Removes an empty directory.</summary>
    public ValueTask<Errno> RmdirAsync(NodeId directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default) =>
        RemoveAsync(directory, name, isDirectory: true, cancellationToken);

    /// <summary>Moves a name, in one step that is never seen half done.</summary>
    public async ValueTask<Errno> RenameAsync(
        Caller caller, NodeId directory, ReadOnlyMemory<byte> name, NodeId newDirectory, ReadOnlyMemory<byte> newName, RenameOptions options,
        CancellationToken cancellationToken = default)
    {
        if (TryFindDirectory(directory, out var from) is var error && error != Errno.OK)
            return error;
        if (TryFindDirectory(newDirectory, out var to) is var other && other != Errno.OK)
            return other;
        if (CheckName(newName.Span) is var fault && fault != Errno.OK)
            return fault;
        if (_options.IsAppendOnly)
            return Errno.EPERM;
        if (options.HasFlag(RenameOptions.Exchange) && options != RenameOptions.Exchange)
            return Errno.EINVAL;
        var outcome = await GuardAsync<bool>(from, "renaming", async () =>
        {
            while (true)
            {
                var old = await _tree.ResolveAsync(from, name, 0, cancellationToken);
                if (old.Inode is null)
                    return Errno.ENOENT;
                var replaced = await _tree.ResolveAsync(to, newName, 0, cancellationToken);
                if (replaced.Inode?.Directory is not null)
                    await _tree.CountAsync(replaced.Inode, cancellationToken);
                var held = await HoldWhatBecomesLocalAsync(old.Inode, to, newName, cancellationToken);
                if (options.HasFlag(RenameOptions.Exchange) && replaced.Inode is { } back)
                    held.AddRange(await HoldWhatBecomesLocalAsync(back, from, name, cancellationToken));
                try
                {
                    if (TryRename(Stored(caller), new Place(from, name, old), new Place(to, newName, replaced), options, out var result))
                        return result == Errno.OK ? true : result;
                }
                finally
                {
                    held.ForEach(inode => Forget(inode.Node, 1));
                }
            }
        });
        return outcome.Error;
    }

    // All below a stored folder comes into memory before it is moved to where it is local, as no state has it from then on.
    async ValueTask<List<Inode>> HoldWhatBecomesLocalAsync(Inode moved, Inode directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        lock (_tree.Gate)
        {
            if (_tree.MayMove(moved, directory, name.Span))
                return [];
        }

        var held = await _tree.LoadBelowAsync(moved, cancellationToken);
        foreach (var inode in held)
            await LoadXattrsAsync(inode, cancellationToken);
        return held;
    }

    async ValueTask<Outcome<FoundNode>> MakeAsync(NewInode made, NodeId directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        if (CheckName(name.Span) is var fault && fault != Errno.OK)
            return fault;
        if (TryFindDirectory(directory, out var parent) is var error && error != Errno.OK)
            return error;
        return await GuardAsync(parent, "making a file", async () =>
        {
            await LoadXattrsAsync(parent, cancellationToken);
            while (true)
            {
                var at = await _tree.ResolveAsync(parent, name, 0, cancellationToken);
                if (at.Inode is not null)
                    return Errno.EEXIST;
                if (TryMake(made, parent, name.Span, at, out var outcome))
                    return outcome;
            }
        });
    }

    bool TryMake(in NewInode made, Inode parent, ReadOnlySpan<byte> name, in Resolution at, out Outcome<FoundNode> outcome)
    {
        outcome = Errno.ENOENT;
        using (_gate.Enter())
        {
            lock (_tree.Gate)
            {
                if (parent.IsOrphan)
                    return true;
                if (!LiveTree.Holds(at, parent, name))
                    return false;
                if (!_space.TryTake(SpaceOfName))
                {
                    outcome = Errno.ENOSPC;
                    return true;
                }

                var now = Now();
                var inode = _tree.Create(made.Kind, StatusOf(made, parent, now), made.Device, made.Target);
                _record.Begin(now);
                Bind(parent);
                RecordWhole(inode);
                _record.Enter(parent.Id, name, inode.Id);
                AppendOrDrop(inode);
                _tree.Enter(parent, name.ToArray(), inode, now);
                inode.Lookups++;
                outcome = Found(inode);
                return true;
            }
        }
    }

    // What the record and its later block take, roughly.
    const int SpaceOfName = 512;

    bool TryLink(Inode inode, Inode parent, ReadOnlySpan<byte> name, in Resolution at, out Outcome<FoundNode> outcome)
    {
        outcome = Errno.ENOENT;
        using (_gate.Enter())
        {
            lock (_tree.Gate)
            {
                if (parent.IsOrphan)
                    return true;
                if (!LiveTree.Holds(at, parent, name))
                    return false;
                var now = Now();

                // Nobody writes to it between what the record has of a file that had no name and the moment from which on its writes are recorded.
                lock (inode.Gate)
                {
                    _record.Begin(now);
                    if (inode.IsOrphan)
                    {
                        RecordWhole(inode);
                        RecordContent(inode, now);
                        _record.Status(inode.Id, inode.Status);
                        _bound.Add(inode);
                    }

                    Bind(parent);
                    Bind(inode);
                    if (LiveTree.Identify(inode) is { } uuid)
                        _record.Identify(inode.Id, uuid);
                    _record.Enter(parent.Id, name, inode.Id);
                    Append();
                }

                _tree.Enter(parent, name.ToArray(), inode, now);
                inode.Lookups++;
                outcome = Found(inode);
                return true;
            }
        }
    }

    async ValueTask<Errno> RemoveAsync(NodeId directory, ReadOnlyMemory<byte> name, bool isDirectory, CancellationToken cancellationToken)
    {
        if (TryFindDirectory(directory, out var parent) is var error && error != Errno.OK)
            return error;
        var outcome = await GuardAsync<bool>(parent, "removing a name", async () =>
        {
            while (true)
            {
                var at = await _tree.ResolveAsync(parent, name, 0, cancellationToken);
                if (at.Inode is not { } inode)
                    return Errno.ENOENT;
                if (isDirectory != inode.Directory is not null)
                    return isDirectory ? Errno.ENOTDIR : Errno.EISDIR;
                if (_options.IsAppendOnly)
                    return Errno.EPERM;
                if (isDirectory)
                    await _tree.CountAsync(inode, cancellationToken);
                if (TryRemove(parent, name.Span, at, out var result))
                    return result == Errno.OK ? true : result;
            }
        });
        return outcome.Error;
    }

    bool TryRemove(Inode parent, ReadOnlySpan<byte> name, in Resolution at, out Errno error)
    {
        error = Errno.OK;
        var inode = at.Inode!;
        using (_gate.Enter())
        {
            lock (_tree.Gate)
            {
                if (!LiveTree.Holds(at, parent, name))
                    return false;
                if (inode.Directory is { } entries)
                {
                    if (!entries.IsCounted)
                        return false;
                    if (entries.Count > 0)
                    {
                        error = Errno.ENOTEMPTY;
                        return true;
                    }
                }

                var now = Now();
                _record.Begin(now);
                Bind(parent);
                _record.Remove(parent.Id, name);
                Append();
                _tree.Remove(parent, name.ToArray(), inode, now);
                _tree.Settle(inode);
                return true;
            }
        }
    }

    bool TryRename(Caller caller, in Place old, in Place next, RenameOptions options, out Errno error)
    {
        using (_gate.Enter())
        {
            lock (_tree.Gate)
            {
                error = Errno.OK;
                if (!LiveTree.Holds(old.Resolution, old.Directory, old.Name.Span) || !LiveTree.Holds(next.Resolution, next.Directory, next.Name.Span))
                    return false;
                var moved = old.Resolution.Inode!;
                var replaced = next.Resolution.Inode;
                if (replaced?.Directory is { IsCounted: false })
                    return false;
                if (!_tree.MayMove(moved, next.Directory, next.Name.Span)
                    || (options.HasFlag(RenameOptions.Exchange) && replaced is not null && !_tree.MayMove(replaced, old.Directory, old.Name.Span)))
                {
                    return false;
                }

                error = CheckRename(old, next, options);
                if (error != Errno.OK || (moved == replaced && !options.HasFlag(RenameOptions.Exchange)))
                    return true;
                Rename(caller, old, next, options);
                return true;
            }
        }
    }

    static Errno CheckRename(in Place old, in Place next, RenameOptions options)
    {
        var moved = old.Resolution.Inode!;
        var replaced = next.Resolution.Inode;
        if (next.Directory.IsOrphan)
            return Errno.ENOENT;
        if (options.HasFlag(RenameOptions.NoReplace) && replaced is not null)
            return Errno.EEXIST;
        if (moved.Directory is not null && IsWithin(next.Directory, moved))
            return Errno.EINVAL;
        if (options.HasFlag(RenameOptions.Exchange))
        {
            if (replaced is null)
                return Errno.ENOENT;
            return replaced.Directory is not null && IsWithin(old.Directory, replaced) ? Errno.EINVAL : Errno.OK;
        }

        if (replaced is null || replaced == moved)
            return Errno.OK;
        if (replaced.Directory is { } entries)
        {
            if (moved.Directory is null)
                return Errno.EISDIR;
            return entries.Count > 0 ? Errno.ENOTEMPTY : Errno.OK;
        }

        return moved.Directory is not null ? Errno.ENOTDIR : Errno.OK;
    }

    void Rename(Caller caller, in Place old, in Place next, RenameOptions options)
    {
        var now = Now();
        var moved = old.Resolution.Inode!;
        var replaced = next.Resolution.Inode;
        var isExchange = options.HasFlag(RenameOptions.Exchange);
        var whiteout = options.HasFlag(RenameOptions.Whiteout)
            ? _tree.Create(DirentKind.CharacterDevice, StatusOf(new NewInode(caller, DirentKind.CharacterDevice, 0, 0, default), old.Directory, now), default(DeviceId))
            : null;
        _record.Begin(now);
        Bind(old.Directory);
        Bind(next.Directory);
        RecordLeaving(moved);
        if (isExchange)
            RecordLeaving(replaced!);
        if (whiteout is not null)
            RecordWhole(whiteout);
        _record.Remove(old.Directory.Id, old.Name.Span);
        if (replaced is not null)
            _record.Remove(next.Directory.Id, next.Name.Span);
        _record.Enter(next.Directory.Id, next.Name.Span, moved.Id);
        if ((isExchange ? replaced : whiteout) is { } back)
            _record.Enter(old.Directory.Id, old.Name.Span, back.Id);
        AppendOrDrop(whiteout);

        var (oldName, newName) = (old.Name.ToArray(), next.Name.ToArray());
        _tree.Remove(old.Directory, oldName, moved, now);
        if (replaced is not null)
            _tree.Remove(next.Directory, newName, replaced, now);
        _tree.Enter(next.Directory, newName, moved, now);
        if ((isExchange ? replaced : whiteout) is { } entered)
            _tree.Enter(old.Directory, oldName, entered, now);
        if (replaced is not null && !isExchange)
            _tree.Settle(replaced);
        if (whiteout is not null)
            _tree.Release(whiteout);
    }

    // An inode that leaves its place has to be known by something else.
    void RecordLeaving(Inode inode)
    {
        Bind(inode);
        if (LiveTree.Identify(inode) is { } uuid)
            _record.Identify(inode.Id, uuid);
    }

    void RecordWhole(Inode inode)
    {
        _record.Make(inode);
        if (inode.Status.Xattrs.IsEmpty)
            return;
        foreach (var attribute in inode.Status.Xattrs.Items)
            _record.SetXattr(inode.Id, attribute.Name.Span, attribute.Value.Span);
    }

    // In as many records as it takes: without the last, which names it, they are of a file that a crash forgets.
    void RecordContent(Inode inode, Timestamp now)
    {
        if (inode.File is not { } file)
            return;
        var pieces = file.Sources(0, file.Size);
        for (var i = 0; i < pieces.Count; i++)
        {
            if (i > 0 && i % MostPieces == 0)
            {
                Append();
                _record.Begin(now);
            }

            RecordSource(inode, pieces[i].Offset, pieces[i].Length, pieces[i].Source);
        }

        _record.Resize(inode.Id, file.Size);
        Release(pieces);
    }

    void AppendOrDrop(Inode? made)
    {
        var isDone = false;
        try
        {
            Append();
            isDone = true;
        }
        finally
        {
            if (!isDone && made is not null)
                _tree.Release(made);
        }
    }

    static bool IsWithin(Inode directory, Inode ancestor)
    {
        for (var at = directory; at is not null; at = at.Parent)
        {
            if (at == ancestor)
                return true;
        }

        return false;
    }

    static Errno CheckName(ReadOnlySpan<byte> name)
    {
        if (name.Length > Dirent.LongestName)
            return Errno.ENAMETOOLONG;
        if (name.IsEmpty)
            return Errno.ENOENT;
        if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
            return Errno.EEXIST;
        return Dirent.CheckName(name) is null ? Errno.OK : Errno.EINVAL;
    }

    // As inode_init_owner and posix_acl_create do in the kernel.
    static InodeStatus StatusOf(in NewInode made, Inode parent, Timestamp now)
    {
        InodeStatus above;
        lock (parent.Gate)
            above = parent.Status;
        var mode = made.Mode;
        var xattrs = new List<Xattr>();
        if (made.Kind != DirentKind.Symlink)
        {
            if (above.Xattrs.TryGet(PosixAcl.DefaultName, out var inherited) && PosixAcl.IsValid(inherited.Span))
            {
                var (acl, allowed) = PosixAcl.Inherit(inherited.Span, mode);
                mode = allowed;
                if (acl is not null)
                    xattrs.Add(new Xattr(PosixAcl.AccessName.ToArray(), acl));
                if (made.Kind == DirentKind.Directory)
                    xattrs.Add(new Xattr(PosixAcl.DefaultName.ToArray(), inherited));
            }
            else
            {
                mode &= ~made.Umask;
            }
        }

        var gid = made.Caller.Gid;
        if ((above.Mode & ModeBits.S_ISGID) != 0)
        {
            gid = above.Gid;
            if (made.Kind == DirentKind.Directory)
                mode |= ModeBits.S_ISGID;
        }

        return new InodeStatus
        {
            Mode = mode & Metadata.PermissionMask,
            Uid = made.Caller.Uid,
            Gid = gid,
            Modified = now,
            Changed = now,
            Born = now,
            Xattrs = xattrs.Count == 0 ? XattrSet.Empty : XattrSet.Create(xattrs),
        };
    }

    readonly record struct NewInode(Caller Caller, DirentKind Kind, uint Mode, uint Umask, DeviceId? Device)
    {
        public BlockRef Target { get; init; }
    }

    readonly record struct Place(Inode Directory, ReadOnlyMemory<byte> Name, Resolution Resolution);
}
