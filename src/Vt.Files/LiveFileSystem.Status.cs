using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <content>Operations on mode, owner, times, length and extended attributes.</content>
public sealed partial class LiveFileSystem
{
    static ReadOnlySpan<byte> CapabilityName => "security.capability"u8;

    static ReadOnlySpan<byte> ControlPrefix => "x-vt-"u8;

    /// <summary>Changes what is given and tells what is then.</summary>
    public ValueTask<Outcome<InodeAttributes>> SetattrAsync(NodeId node, StatusChange change, CancellationToken cancellationToken = default)
    {
        if (_tree.Find(node) is not { } inode)
            return RefuseAsync<InodeAttributes>(Errno.ESTALE);
        if (change.Size is { } size)
        {
            if (inode.Kind != DirentKind.File)
                return RefuseAsync<InodeAttributes>(inode.Kind == DirentKind.Directory ? Errno.EISDIR : Errno.EINVAL);
            if (size is < 0 or > LargestFile)
                return RefuseAsync<InodeAttributes>(size < 0 ? Errno.EINVAL : Errno.EFBIG);
        }

        if (_identities is { } map)
            change = change with { Uid = change.Uid is { } uid ? map.User(uid) : null, Gid = change.Gid is { } gid ? map.Group(gid) : null };
        return GuardAsync<InodeAttributes>(inode, "changing attributes", async () =>
        {
            await LoadXattrsAsync(inode, cancellationToken);
            return TrySetattr(inode, change) ? AttributesOf(inode) : Errno.EPERM;
        });
    }

    /// <summary>The value of an extended attribute; ENODATA where there is none of that name.</summary>
    public ValueTask<Outcome<ReadOnlyMemory<byte>>> GetxattrAsync(NodeId node, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default)
    {
        if (_tree.Find(node) is not { } inode)
            return RefuseAsync<ReadOnlyMemory<byte>>(Errno.ESTALE);
        return GuardAsync<ReadOnlyMemory<byte>>(inode, "reading an extended attribute", async () =>
        {
            if (name.Span.StartsWith(ControlPrefix))
                return await GetControlAsync(inode, name, cancellationToken);
            var attributes = await LoadXattrsAsync(inode, cancellationToken);
            if (!attributes.TryGet(name.Span, out var value))
                return MissingXattr(name.Span);
            return _identities is { } map && PosixAcl.IsName(name.Span) ? map.List(value) : value;
        });
    }

    /// <summary>The names of all extended attributes, each with a NUL behind it. Control attributes are not listed.</summary>
    /// <param name="node">The node.</param>
    /// <param name="caller">Who asks: attributes that are trusted are listed for root only.</param>
    /// <param name="cancellationToken">Gives up waiting for the store.</param>
    public ValueTask<Outcome<ReadOnlyMemory<byte>>> ListxattrAsync(NodeId node, Caller caller = default, CancellationToken cancellationToken = default)
    {
        if (_tree.Find(node) is not { } inode)
            return RefuseAsync<ReadOnlyMemory<byte>>(Errno.ESTALE);
        return GuardAsync<ReadOnlyMemory<byte>>(inode, "listing extended attributes", async () => (ReadOnlyMemory<byte>)NamesOf(await LoadXattrsAsync(inode, cancellationToken), caller.Uid == 0));
    }

    /// <summary>Sets an extended attribute.</summary>
    /// <param name="caller">Who asks: where that changes content by a control attribute, setuid, setgid and capabilities go, unless it is root.</param>
    /// <param name="node">The node.</param>
    /// <param name="name">The name with its prefix; copied.</param>
    /// <param name="value">The value; copied.</param>
    /// <param name="mustBeNew">Whether it is EEXIST where there is one of that name (XATTR_CREATE).</param>
    /// <param name="mustExist">Whether it is ENODATA where there is none of that name (XATTR_REPLACE).</param>
    /// <param name="killSetgid">Whether setgid goes, since an access list is set by somebody who isn't of the group.</param>
    /// <param name="cancellationToken">Gives up waiting for the store.</param>
    public async ValueTask<Errno> SetxattrAsync(
        Caller caller, NodeId node, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, bool mustBeNew, bool mustExist, bool killSetgid, CancellationToken cancellationToken = default)
    {
        if (_tree.Find(node) is not { } inode)
            return Errno.ESTALE;
        if (name.Length is 0 or > Xattr.LongestName)
            return Errno.ERANGE;
        if (value.Length > Xattr.LongestValue)
            return Errno.E2BIG;
        if (name.Span.StartsWith(ControlPrefix))
            return await SetControlAsync(caller, inode, name, value, cancellationToken);
        if (CheckNamespace(name.Span) is var unknown && unknown != Errno.OK)
            return unknown;
        if (_options.IsAppendOnly)
            return Errno.EPERM;
        if (PosixAcl.IsName(name.Span))
        {
            if (!PosixAcl.IsValid(value.Span))
                return Errno.EINVAL;
            value = _identities?.List(value) ?? value;
        }

        if (name.Span.SequenceEqual(PosixAcl.DefaultName) && inode.Directory is null)
            return Errno.EACCES;
        var outcome = await GuardAsync<bool>(inode, "setting an extended attribute", async () =>
        {
            var before = await LoadXattrsAsync(inode, cancellationToken);
            var exists = before.TryGet(name.Span, out _);
            if (mustBeNew && exists)
                return Errno.EEXIST;
            if (mustExist && !exists)
                return Errno.ENODATA;
            return ChangeXattr(inode, new Xattr(name.ToArray(), value.ToArray()), isRemoval: false, killSetgid);
        });
        return outcome.Error;
    }

    /// <summary>Removes an extended attribute; ENODATA where there is none of that name.</summary>
    public async ValueTask<Errno> RemovexattrAsync(NodeId node, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default)
    {
        if (_tree.Find(node) is not { } inode)
            return Errno.ESTALE;
        if (name.Length is 0 or > Xattr.LongestName)
            return Errno.ERANGE;
        if (name.Span.SequenceEqual(FlatAttribute))
            return Unflatten(inode);
        if (_options.IsAppendOnly)
            return Errno.EPERM;
        var outcome = await GuardAsync<bool>(inode, "removing an extended attribute", async () =>
        {
            var before = await LoadXattrsAsync(inode, cancellationToken);
            if (!before.TryGet(name.Span, out _))
            {
                // Without a list the mode is the list, and that is what removing it leaves.
                return PosixAcl.IsName(name.Span) ? true : MissingXattr(name.Span);
            }

            return ChangeXattr(inode, new Xattr(name.ToArray(), default), isRemoval: true, killSetgid: false);
        });
        return outcome.Error;
    }

    // The namespaces that local filesystems have (xattr(7)). What was imported with others can be read and removed.
    static Errno CheckNamespace(ReadOnlySpan<byte> name)
    {
        if (PosixAcl.IsName(name))
            return Errno.OK;
        var prefix = name.IndexOf((byte)'.') + 1;
        if (!name[..prefix].SequenceEqual("user."u8) && !name[..prefix].SequenceEqual("trusted."u8) && !name[..prefix].SequenceEqual("security."u8))
            return Errno.EOPNOTSUPP;
        return prefix == name.Length ? Errno.EINVAL : Errno.OK;
    }

    static Errno MissingXattr(ReadOnlySpan<byte> name) => CheckNamespace(name) is var error && error != Errno.OK ? error : Errno.ENODATA;

    static byte[] NamesOf(XattrSet attributes, bool withTrusted)
    {
        var names = new MemoryStream();
        foreach (var attribute in attributes.Items)
        {
            if (!withTrusted && attribute.Name.Span.StartsWith("trusted."u8))
                continue;
            names.Write(attribute.Name.Span);
            names.WriteByte(0);
        }

        return names.ToArray();
    }

    // What lies in the store comes into memory, where it stays as long as the inode does.
    async ValueTask<XattrSet> LoadXattrsAsync(Inode inode, CancellationToken cancellationToken)
    {
        XattrSet before;
        lock (inode.Gate)
            before = inode.Status.Xattrs;
        if (!before.IsStored)
            return before;
        var loaded = await StoredXattrs.LoadAsync(before, _store, cancellationToken);
        lock (inode.Gate)
        {
            if (inode.Status.Xattrs.Equals(before))
                inode.Status.Xattrs = loaded;
            return inode.Status.Xattrs;
        }
    }

    // The kernel's clock may be set in an append-only tree, as with the attribute that chattr(1) calls "a", and a file may grow.
    bool IsRefused(Inode inode, in StatusChange change) =>
        _options.IsAppendOnly
        && ((change.Mode ?? change.Uid ?? change.Gid) is not null
            || (change.KillPrivileges && change.Size is null)
            || (change.Accessed is not null && !change.AccessedNow)
            || (change.Modified is not null && !change.ModifiedNow)
            || (change.Size is { } size && size < _tree.ContentOf(inode).Size));

    bool TrySetattr(Inode inode, in StatusChange change)
    {
        using (_gate.Enter())
        {
            lock (_tree.Gate)
            {
                if (IsRefused(inode, change))
                    return false;
                var now = Now();
                lock (inode.Gate)
                {
                    var before = inode.Status;
                    var after = before;
                    Apply(change, inode, now, ref after);
                    _record.Begin(now);
                    if (!inode.IsOrphan)
                    {
                        Bind(inode);
                        if (change.Size is { } length)
                            _record.Resize(inode.Id, length);
                        _record.Status(inode.Id, after);
                        RecordXattrs(inode, before.Xattrs, after.Xattrs);
                        Append();
                    }

                    if (change.Size is { } size)
                        Resize(inode, size);
                    inode.Status = after;
                }

                _tree.MarkChanged(inode);
                return true;
            }
        }
    }

    static void Apply(in StatusChange change, Inode inode, Timestamp now, ref InodeStatus status)
    {
        if (change.Mode is { } mode)
            Chmod(mode & Metadata.PermissionMask, ref status);
        status.Uid = change.Uid ?? status.Uid;
        status.Gid = change.Gid ?? status.Gid;
        if ((change.Uid ?? change.Gid) is not null && change.Mode is null && inode.Directory is null)
            KillPrivileges(ref status);
        if (change.KillPrivileges && inode.Directory is null)
            KillPrivileges(ref status);

        // What stood for the time of access until now, if that was never told.
        if ((change.ModifiedNow || change.Modified is not null) && !change.AccessedNow)
            status.Accessed ??= status.LastAccess;
        if (change.Size is not null)
            status.Modified = now;
        if (change.AccessedNow)
            status.Accessed = now;
        else if (change.Accessed is { } accessed)
            status.Accessed = accessed;
        if (change.ModifiedNow)
            status.Modified = now;
        else if (change.Modified is { } modified)
            status.Modified = modified;
        status.Changed = now;
    }

    static void Chmod(uint mode, ref InodeStatus status)
    {
        status.Mode = mode;
        if (status.Xattrs.TryGet(PosixAcl.AccessName, out var acl) && PosixAcl.IsValid(acl.Span))
            status.Xattrs = status.Xattrs.With(new Xattr(PosixAcl.AccessName.ToArray(), PosixAcl.WithMode(acl.Span, mode)));
    }

    // setgid without the right to execute is a mark for mandatory locks and stays.
    static void KillPrivileges(ref InodeStatus status)
    {
        status.Mode &= ~ModeBits.S_ISUID;
        if ((status.Mode & GroupExecute) != 0)
            status.Mode &= ~ModeBits.S_ISGID;
        if (!status.Xattrs.IsStored && status.Xattrs.TryGet(CapabilityName, out _))
            status.Xattrs = status.Xattrs.With(new Xattr(CapabilityName.ToArray(), default), isRemoval: true);
    }

    const uint GroupExecute = 8;

    void RecordXattrs(Inode inode, XattrSet before, XattrSet after)
    {
        if (before.Equals(after))
            return;
        foreach (var attribute in after.Items)
        {
            if (!before.TryGet(attribute.Name.Span, out var value) || !value.Span.SequenceEqual(attribute.Value.Span))
                _record.SetXattr(inode.Id, attribute.Name.Span, attribute.Value.Span);
        }

        foreach (var attribute in before.Items)
        {
            if (!after.TryGet(attribute.Name.Span, out _))
                _record.RemoveXattr(inode.Id, attribute.Name.Span);
        }
    }

    Outcome<bool> ChangeXattr(Inode inode, Xattr attribute, bool isRemoval, bool killSetgid)
    {
        using (_gate.Enter())
        {
            lock (_tree.Gate)
            {
                var now = Now();
                InodeStatus before;
                lock (inode.Gate)
                    before = inode.Status;
                var after = before;
                SetXattr(ref after, attribute, isRemoval);
                if (killSetgid)
                    after.Mode &= ~ModeBits.S_ISGID;
                if (after.Xattrs.EncodedLength > XattrSet.LargestStored)
                    return Errno.ENOSPC;
                after.Changed = now;
                if (!inode.IsOrphan)
                {
                    _record.Begin(now);
                    Bind(inode);
                    _record.Status(inode.Id, after);
                    RecordXattrs(inode, before.Xattrs, after.Xattrs);
                    Append();
                }

                lock (inode.Gate)
                    inode.Status = after;
                _tree.MarkChanged(inode);
                return true;
            }
        }
    }

    // An access list is the mode as well; one that says no more than a mode is only that.
    static void SetXattr(ref InodeStatus status, Xattr attribute, bool isRemoval)
    {
        if (!isRemoval && attribute.Name.Span.SequenceEqual(PosixAcl.AccessName))
        {
            var (mode, isMinimal) = attribute.Value.Length <= 4 ? (status.Mode & 0x1ff, true) : PosixAcl.ModeOf(attribute.Value.Span);
            status.Mode = (status.Mode & ~0x1ffu) | mode;
            isRemoval = isMinimal;
        }
        else if (!isRemoval && attribute.Name.Span.SequenceEqual(PosixAcl.DefaultName) && attribute.Value.Length <= 4)
        {
            isRemoval = true;
        }

        status.Xattrs = status.Xattrs.With(attribute, isRemoval);
    }
}
