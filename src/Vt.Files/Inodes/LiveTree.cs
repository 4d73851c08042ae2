using System.Collections.Concurrent;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files.BackedFiles;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Inodes;

/// <summary>
/// The tree of a live file system in memory: the stored tree, and over it what is open, known to the kernel, or changed. Holds the
/// second half of every operation, which the replay of a log uses as well: it checks nothing and writes no record.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>An inode is in the table from the moment that somebody asks for it until nobody holds a lookup, nothing of it is unstored, and no
/// entry below it is in memory.</item>
/// <item>An entry in memory is the truth; a name that is not in memory is as it is stored.</item>
/// <item>Whatever changed is on the list of changes of the epoch in which it changed.</item>
/// </list>
/// </remarks>
sealed partial class LiveTree
{
    readonly ConcurrentDictionary<ulong, Inode> _byNode = new();
    readonly Dictionary<Guid, Inode> _indirect = [];
    readonly DirectoryReader _reader;
    readonly Func<BlockRef, long, BackedFile> _openFile;
    readonly Lock _changesGate = new(); // guards the list of changes and the inodes' marks
    List<Inode> _changes = [];
    List<Guid> _droppedInodes = [];
    long _lastId = (long)NodeId.Root.Value;
    long _storedBytes;
    long _dropped;

    /// <summary>Starts with a stored tree.</summary>
    /// <param name="reader">Reads the stored directories.</param>
    /// <param name="root">The stored root; null for an empty tree.</param>
    /// <param name="empty">What the root is like where nothing is stored.</param>
    /// <param name="openFile">Makes a file's content of what is stored of it and how much of that lies in holes.</param>
    public LiveTree(DirectoryReader reader, Dirent? root, InodeStatus empty, Func<BlockRef, long, BackedFile> openFile)
    {
        _reader = reader;
        _openFile = openFile;
        InodeTable = root?.Inodes ?? BlockRef.Empty;
        Root = new Inode(NodeId.Root, InodeNumbers.Root, DirentKind.Directory)
        {
            Directory = OpenDirectory(root),
            Links = 1,
            Status = root is null ? empty : InodeStatus.Of(root.Metadata),
            Entry = root,
        };
        Register(Root);
    }

    /// <summary>Guards names, places, links, lookups and bindings: everything of the tree's shape.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The root directory.</summary>
    public Inode Root { get; }

    /// <summary>The stored table of the inodes with several names.</summary>
    public BlockRef InodeTable { get; set; }

    /// <summary>The epoch that changes belong to; set while nobody passes the gate of changes.</summary>
    public uint Epoch { get; set; } = 1;

    /// <summary>How much content the stored tree has, less what has been removed since; counted from what it is set to.</summary>
    public long StoredBytes
    {
        get => Interlocked.Read(ref _storedBytes);
        set => Interlocked.Exchange(ref _storedBytes, value);
    }

    /// <summary>How many inodes have left memory.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How many inodes are in memory.</summary>
    public int InMemory => _byNode.Count;

    /// <summary>Whether anything has changed since the last checkpoint's instant.</summary>
    public bool HasChanges
    {
        get
        {
            lock (_changesGate)
                return _changes.Count > 0 || _droppedInodes.Count > 0;
        }
    }

    /// <summary>The inode that the kernel calls so; null where it should not know it any more.</summary>
    public Inode? Find(NodeId node) => _byNode.GetValueOrDefault(node.Value);

    /// <summary>The inode that an entry leads to, brought into memory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name; may lie in a buffer that is used again.</param>
    /// <param name="lookups">How many lookups of it to count.</param>
    /// <param name="cancellationToken">Gives up waiting for the store.</param>
    /// <returns>What was found, and by which stored entries, so that the caller can check under the gate that nothing has changed since.</returns>
    public ValueTask<Resolution> ResolveAsync(Inode directory, ReadOnlyMemory<byte> name, int lookups, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (TryResolve(directory, name.Span, lookups, out var resolution))
                return new(resolution);
        }

        return ResolveStoredAsync(directory, name, lookups, cancellationToken);
    }

    /// <summary>An inode with several names, by its UUID, brought into memory; null where the tree has none.</summary>
    public async ValueTask<Inode?> ResolveIndirectAsync(Guid uuid, CancellationToken cancellationToken)
    {
        while (true)
        {
            BlockRef table;
            lock (Gate)
            {
                if (_indirect.TryGetValue(uuid, out var known))
                    return known;
                table = InodeTable;
            }

            var dirent = await _reader.LookupInodeAsync(table, uuid, cancellationToken);
            lock (Gate)
            {
                if (table != InodeTable)
                    continue;
                if (_indirect.TryGetValue(uuid, out var known))
                    return known;
                return dirent is null ? null : LoadIndirect(dirent, uuid);
            }
        }
    }

    /// <summary>Whether a resolution still holds; under the gate.</summary>
    public static bool Holds(in Resolution resolution, Inode directory, ReadOnlySpan<byte> name) =>
        directory.Directory!.TryGet(name, out var entry)
            ? entry.Inode == resolution.Inode
            : resolution.Inode is null && directory.Directory.Stored == resolution.Stored && directory.Directory.Generation == resolution.Generation;

    /// <summary>Makes an inode; it has no name and is in no list yet.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="status">Mode, owner, times.</param>
    /// <param name="device">The device of a device node.</param>
    /// <param name="target">The target of a symbolic link.</param>
    public Inode Create(DirentKind kind, in InodeStatus status, DeviceId? device = null, BlockRef target = default)
    {
        var uuid = Guid.NewGuid();
        return Create(NextId(), uuid, kind, status, device, target);
    }

    /// <summary>Makes an inode as a log says.</summary>
    public Inode Create(NodeId id, Guid uuid, DirentKind kind, in InodeStatus status, DeviceId? device, BlockRef target)
    {
        var inode = new Inode(id, InodeNumbers.Of(uuid), kind)
        {
            Uuid = uuid,
            Status = status,
            Device = device,
            Stored = target,
            Directory = kind == DirentKind.Directory ? new LiveDirectory { IsCounted = true } : null,
            BoundEpoch = Epoch,
        };
        Register(inode);
        NoteId(id);
        return inode;
    }

    /// <summary>A file's content, opened if nobody has.</summary>
    public BackedFile ContentOf(Inode inode)
    {
        if (inode.File is { } open)
            return open;
        lock (inode.Gate)
            return inode.File ??= _openFile(inode.Stored, inode.StoredHoles);
    }

    /// <summary>Takes back lookups of an inode, which may then leave.</summary>
    public void Forget(NodeId node, ulong count)
    {
        if (Find(node) is not { } inode)
            return;
        lock (Gate)
        {
            inode.Lookups -= (long)Math.Min(count, (ulong)inode.Lookups);
            Release(inode);
        }
    }

    /// <summary>Puts an inode on the list of changes.</summary>
    public void MarkChanged(Inode inode)
    {
        if (inode.IsLocal)
        {
            HasLocalChanges = true;
            return;
        }

        if (inode.ChangedEpoch == Epoch)
            return;
        lock (_changesGate)
        {
            if (inode.ChangedEpoch == Epoch)
                return;
            inode.ChangedEpoch = Epoch;
            _changes.Add(inode);
        }
    }

    /// <summary>Notes that an entry has changed; under the gate.</summary>
    void PutEntry(Inode directory, byte[] name, Inode? child)
    {
        var entries = directory.Directory!;
        var isThere = entries.TryGet(name, out var before);
        entries.Version++;
        entries.Snapshot = null;
        if (isThere && before is { IsLocal: true, IsHiding: false } && child is null)
        {
            entries.Forget(name);
            HasLocalChanges = true;
            return;
        }

        if (!isThere || before.Stamp != Epoch)
            entries.ChangedNames.Add(name);
        entries.Put(name, new LiveEntry(child, Epoch));
        MarkChanged(directory);
    }

    /// <summary>A name comes to lead to an inode. Under the gate; the name is free.</summary>
    public void Enter(Inode directory, byte[] name, Inode child, Timestamp time)
    {
        var isLocal = IsLocalPlace(directory, name, child.Directory is not null);
        if (isLocal)
            PutLocalEntry(directory, name, child);
        else
            PutEntry(directory, name, child);
        AddPlace(directory, name, child, isLocal);
        Place(child);
        Touch(directory, time, isLocal);
        TouchChanged(child, time);
    }

    // Counts a name that was put.
    void AddPlace(Inode directory, byte[] name, Inode child, bool isLocal)
    {
        var entries = directory.Directory!;
        entries.Count++;
        if (child.Directory is not null)
            entries.Subdirectories++;
        child.Links++;
        if (isLocal)
            CountLocal(entries, child, 1);
        if (child.Parent is null)
            (child.Parent, child.Name) = (directory, name);
        else
            (child.FurtherPlaces ??= []).Add((directory, name));
        if (child.Links > 1 && !child.IsIndirect)
            MakeIndirect(child);
    }

    /// <summary>A name goes. Under the gate. What loses its last name stays until <see cref="Release"/> finds that nobody holds it.</summary>
    public void Remove(Inode directory, byte[] name, Inode child, Timestamp time)
    {
        var entries = directory.Directory!;
        var wasLocal = entries.TryGet(name, out var before) && before.IsLocal;
        PutEntry(directory, name, null);
        entries.Count--;
        if (child.Directory is not null)
            entries.Subdirectories--;
        if (wasLocal)
            CountLocal(entries, child, -1);
        child.Links--;
        RemovePlace(child, directory, name);
        Touch(directory, time, wasLocal);
        TouchChanged(child, time);
    }

    /// <summary>
    /// To be called once an operation is through: an inode that has lost its last name leaves the lists of what is to be stored, and
    /// memory if nobody holds it.
    /// </summary>
    public void Settle(Inode inode)
    {
        if (inode.IsOrphan)
        {
            Interlocked.Add(ref _storedBytes, -TreeUsage.Of(inode.Entry));
            NoteNameless(inode);
        }

        Classify(inode);
        if (inode.StoredLinks == 0)
            LeaveTable(inode);
        if (inode.IsOrphan && inode.IsIndirect)
            _indirect.Remove(inode.Uuid!.Value);
        Release(inode);
    }

    /// <summary>Gives an inode a UUID that holds its number, before it leaves the path that the number was made of. Under the gate.</summary>
    /// <returns>The UUID; null where it has one.</returns>
    public static Guid? Identify(Inode inode)
    {
        if (inode.Uuid is not null || inode.Id == NodeId.Root)
            return null;
        inode.Uuid = InodeNumbers.Hold(inode.Number);
        return inode.Uuid;
    }

    /// <summary>The numbers of the kernel's lookups start behind those of the log.</summary>
    public void NoteId(NodeId id)
    {
        var last = Volatile.Read(ref _lastId);
        while ((long)id.Value > last)
        {
            var seen = Interlocked.CompareExchange(ref _lastId, (long)id.Value, last);
            if (seen == last)
                return;
            last = seen;
        }
    }

    // Two inodes of one number are next to impossible; the second one's handles are then good only while it is in memory.
    void Register(Inode inode)
    {
        var node = InodeNumbers.NodeOf(inode.Number);
        while (!_byNode.TryAdd(node, inode))
            node = InodeNumbers.NodeOf(Mix64.Hash("again"u8, node));
        inode.Node = new NodeId(node);
    }

    /// <summary>A number that no inode of this log has had.</summary>
    public NodeId NewId() => NextId();

    NodeId NextId() => new((ulong)Interlocked.Increment(ref _lastId));

    void Touch(Inode directory, Timestamp time, bool isByLocal)
    {
        lock (directory.Gate)
            directory.Status.Modified = directory.Status.Changed = time;
        if (!isByLocal || directory.IsLocal)
        {
            MarkChanged(directory);
            return;
        }

        _touched.Add(directory);
        HasLocalChanges = true;
    }

    void TouchChanged(Inode inode, Timestamp time)
    {
        lock (inode.Gate)
            inode.Status.Changed = time;
        MarkChanged(inode);
    }

    // All its names have to lead to the inode table from now on, those that are stored as they are as well.
    void MakeIndirect(Inode inode)
    {
        inode.IsIndirect = true;
        Identify(inode);
        _indirect[inode.Uuid!.Value] = inode;
        if (inode.Parent is { } parent)
            Restamp(parent, inode.Name, inode);
    }

    void Restamp(Inode directory, byte[] name, Inode inode)
    {
        if (directory.Directory!.TryGet(name, out var entry) && entry.Inode == inode && !entry.IsLocal)
            PutEntry(directory, name, inode);
    }

    static void RemovePlace(Inode inode, Inode directory, byte[] name)
    {
        if (inode.Parent == directory && inode.Name.AsSpan().SequenceEqual(name))
        {
            if (inode.FurtherPlaces is { Count: > 0 } further)
            {
                (inode.Parent, inode.Name) = further[^1];
                further.RemoveAt(further.Count - 1);
            }
            else
            {
                (inode.Parent, inode.Name) = (null, []);
            }
        }
        else
        {
            inode.FurtherPlaces?.RemoveAll(place => place.Directory == directory && place.Name.AsSpan().SequenceEqual(name));
        }
    }

    /// <summary>Lets an inode leave memory if nothing keeps it, and those above it that it kept. Under the gate.</summary>
    public void Release(Inode inode)
    {
        while (inode is { Lookups: 0 } && inode.Id != NodeId.Root)
        {
            if (inode.IsOrphan)
            {
                Drop(inode);
                return;
            }

            if (inode.ChangedEpoch != 0 || inode.LocalLinks > 0 || inode.Directory is { InMemory: > 0 } || _touched.Contains(inode))
                return;
            if (inode.Parent is not { } parent)
            {
                // Its other names are stored, and nobody has looked them up.
                Drop(inode);
                return;
            }

            if (!IsStoredAt(parent, inode.Name, inode)
                || inode.FurtherPlaces?.TrueForAll(place => IsStoredAt(place.Directory, place.Name, inode)) == false)
            {
                return;
            }

            parent.Directory!.Forget(inode.Name);
            Drop(inode);
            foreach (var (directory, name) in inode.FurtherPlaces ?? [])
            {
                directory.Directory!.Forget(name);
                if (directory != parent)
                    Release(directory);
            }

            inode = parent;
        }
    }

    void Drop(Inode inode)
    {
        Interlocked.Increment(ref _dropped);
        _byNode.TryRemove(inode.Node.Value, out _);
        ForgetNameless(inode);
        if (inode.Uuid is { } uuid)
            _indirect.Remove(uuid);
        inode.File?.Dispose();
    }

    // How many subdirectories there are follows from a directory's own link count.
    static LiveDirectory OpenDirectory(Dirent? stored) => new()
    {
        Stored = stored?.Content ?? BlockRef.Empty,
        Subdirectories = Math.Max(2, stored?.Metadata.LinkCount ?? 0) - 2,
        IsCounted = stored is null || stored.Content.Span == 0,
    };

    static bool IsStoredAt(Inode directory, byte[] name, Inode inode) =>
        directory.Directory!.TryGet(name, out var entry) && entry.Inode == inode && entry.Stamp <= directory.Directory.StoredThrough;

    static bool TryResolve(Inode directory, ReadOnlySpan<byte> name, int lookups, out Resolution resolution)
    {
        var entries = directory.Directory!;
        resolution = new Resolution(null, entries.Stored, entries.Generation);
        if (entries.TryGet(name, out var entry))
        {
            if (entry.Inode is { } inode)
            {
                inode.Lookups += lookups;
                resolution = resolution with { Inode = inode };
            }

            entries.HasDenied |= entry.Inode is null;
            return true;
        }

        entries.HasDenied |= entries.Stored.Span == 0;
        return entries.Stored.Span == 0;
    }

    async ValueTask<Resolution> ResolveStoredAsync(Inode directory, ReadOnlyMemory<byte> name, int lookups, CancellationToken cancellationToken)
    {
        while (true)
        {
            BlockRef stored, table;
            lock (Gate)
            {
                if (TryResolve(directory, name.Span, lookups, out var known))
                    return known;
                (stored, table) = (directory.Directory!.Stored, InodeTable);
            }

            var found = (await _reader.FindAsync(stored, DirectoryOrder.Names, name, cancellationToken))?.Dirent;
            Dirent? behind = null;
            if (found is { Kind: DirentKind.Indirect, Uuid: { } uuid })
            {
                behind = await _reader.LookupInodeAsync(table, uuid, cancellationToken);
                lock (Gate)
                {
                    if (behind is null && table == InodeTable && !_indirect.ContainsKey(uuid))
                        throw new FormatInvalidException("a hard link names an inode that the tree does not have");
                }
            }

            lock (Gate)
            {
                if (directory.Directory.Stored != stored || table != InodeTable)
                    continue;
                if (TryResolve(directory, name.Span, lookups, out var known))
                    return known;
                if (found is null or { Kind: DirentKind.Whiteout })
                {
                    directory.Directory.HasDenied = true;
                    return new Resolution(null, stored, directory.Directory.Generation);
                }

                var inode = Load(directory, found, behind);
                inode.Lookups += lookups;
                return new Resolution(inode, stored, directory.Directory.Generation);
            }
        }
    }

    /// <summary>Brings a stored entry into memory that isn't there; under the gate.</summary>
    /// <param name="directory">Where it stands.</param>
    /// <param name="dirent">The stored entry.</param>
    /// <param name="behind">Of an indirect one, what the inode table has.</param>
    public Inode Load(Inode directory, Dirent dirent, Dirent? behind)
    {
        var name = dirent.Name.ToArray();
        Inode? inode = null;
        if (dirent is { Kind: DirentKind.Indirect, Uuid: { } uuid } && !_indirect.TryGetValue(uuid, out inode))
        {
            inode = LoadIndirect(behind!, uuid);
        }
        else if (inode is null)
        {
            inode = Load(dirent, dirent.Uuid is { } own ? InodeNumbers.Of(own) : InodeNumbers.Of(directory.Number, name));
            inode.Links = 1;
        }

        if (inode.Parent is null)
            (inode.Parent, inode.Name) = (directory, name);
        else
            (inode.FurtherPlaces ??= []).Add((directory, name));
        directory.Directory!.Put(name, new LiveEntry(inode, 0));
        return inode;
    }

    Inode LoadIndirect(Dirent dirent, Guid uuid)
    {
        var inode = Load(dirent with { Uuid = uuid }, InodeNumbers.Of(uuid));
        inode.IsIndirect = inode.IsInTable = true;
        inode.Links = Math.Max(1, dirent.Metadata.LinkCount);
        _indirect.Add(uuid, inode);
        return inode;
    }

    Inode Load(Dirent dirent, ulong number)
    {
        var isDirectory = dirent.Kind == DirentKind.Directory;
        var inode = new Inode(NextId(), number, dirent.Kind)
        {
            Uuid = dirent.Uuid,
            Status = InodeStatus.Of(dirent.Metadata),
            Device = dirent.Metadata.Device,
            Stored = isDirectory ? BlockRef.Empty : dirent.Content,
            StoredHoles = (long)dirent.Metadata.HoleSpan,
            Directory = isDirectory ? OpenDirectory(dirent) : null,
            Entry = dirent,
        };
        Register(inode);
        return inode;
    }
}
