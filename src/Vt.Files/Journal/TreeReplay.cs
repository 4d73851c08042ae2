using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files.BackedFiles;
using Vt.Files.Inodes;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Journal;

/// <summary>
/// Does once more what the records of a log say, over the stored tree that they began with. First <see cref="Take"/> for each record, then
/// <see cref="RunAsync"/>.
/// </summary>
sealed class TreeReplay
{
    readonly Queue<LoggedChange> _changes = new();
    readonly LocalReplay? _local;
    readonly Dictionary<ulong, Inode> _inodes = [];
    readonly HashSet<Inode> _removed = [];
    readonly IBlockStore _store;
    ulong _lastId;
    Timestamp _time;
    LiveTree? _tree;
    IFrontData? _front;

    /// <summary>Starts without records.</summary>
    /// <param name="store">Where the tree is stored.</param>
    /// <param name="local">What was local when the log began; null where nothing was.</param>
    public TreeReplay(IBlockStore store, LocalReplay? local = null)
    {
        _store = store;
        _local = local;
    }

    /// <summary>How many records there were.</summary>
    public long Count { get; private set; }

    /// <summary>Whether there are any that have not been applied.</summary>
    public bool HasChanges => _changes.Count > 0;

    /// <summary>Takes a record while the log is opened; false where bulk bytes that it names did not make it to the disk.</summary>
    public bool Take(LiveLog log, in LogRecord record)
    {
        if (record.DataLength > 0)
            log.Retain(record.Data, record.DataLength);
        if (record.Bytes is not [(byte)RecordKind.Write or (byte)RecordKind.Scratch, ..])
            NoteIds(record.Bytes);
        var holds = new List<(LogPlace Place, long Length)>();
        if (record.Bytes is not [(byte)RecordKind.Write or (byte)RecordKind.Scratch, ..] && !TryHold(log, record, holds))
        {
            foreach (var (place, length) in holds)
                log.Release(place, length);
            return false;
        }

        _changes.Enqueue(new LoggedChange(record.Bytes.ToArray(), record.Data, record.DataLength));
        return true;
    }

    /// <summary>Applies all that was taken.</summary>
    /// <param name="tree">The tree that the log began with.</param>
    /// <param name="front">The log, for the holds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FormatInvalidException">A record does not fit the tree: the log or the tree is damaged.</exception>
    public async ValueTask RunAsync(LiveTree tree, IFrontData front, CancellationToken cancellationToken)
    {
        (_tree, _front) = (tree, front);
        _inodes[NodeId.Root.Value] = tree.Root;
        Count = _changes.Count;

        // What comes into memory now gets numbers that no record has: the next records will speak of it by them.
        tree.NoteId(new NodeId(_lastId));
        if (_local is not null)
            await _local.RunAsync(tree, cancellationToken);
        while (_changes.TryDequeue(out var change))
            await ApplyAsync(change, cancellationToken);

        // What has no name after all is forgotten, as it would be when its last opener ends.
        lock (tree.Gate)
        {
            foreach (var inode in _removed.Concat(_inodes.Values).Distinct())
                tree.Settle(inode);
        }
    }

    void NoteIds(ReadOnlySpan<byte> record)
    {
        var reader = new RecordReader(record);
        while (reader.Next())
        {
            if (reader.Kind is RecordKind.Bind or RecordKind.BindIndirect or RecordKind.Make)
                _lastId = Math.Max(_lastId, reader.Inode.Value);
        }
    }

    static bool TryHold(LiveLog log, in LogRecord record, List<(LogPlace Place, long Length)> holds)
    {
        var reader = new RecordReader(record.Bytes);
        while (reader.Next())
        {
            if (reader.Kind != RecordKind.Extent)
                continue;
            if (!record.IsDurable && reader.Checksum is { } checksum && !log.VerifyBulk(reader.Place, reader.Length, checksum))
                return false;
            log.Retain(reader.Place, reader.Length);
            holds.Add((reader.Place, reader.Length));
        }

        return true;
    }

    async ValueTask ApplyAsync(LoggedChange change, CancellationToken cancellationToken)
    {
        switch ((RecordKind)change.Bytes[0])
        {
            case RecordKind.Write:
                ApplyWrite(change);
                return;
            case RecordKind.Scratch:
                _front!.Release(change.Data, change.DataLength);
                return;
        }

        // Positions of the parts, since a reader can't be kept over a wait.
        for (var at = 0; at < change.Bytes.Length;)
        {
            var kind = (RecordKind)change.Bytes[at];
            if (kind is RecordKind.SetXattr or RecordKind.RemoveXattr)
                await LoadXattrsAsync(InodeAt(change.Bytes, at), cancellationToken);
            else if (kind == RecordKind.Remove)
                await ResolveRemovedAsync(change.Bytes, at, cancellationToken);
            else if (kind == RecordKind.Enter && !_tree!.Rules.IsEmpty)
                await PrepareEntryAsync(change.Bytes, at, cancellationToken);
            at = kind switch
            {
                RecordKind.Bind => await BindAsync(change.Bytes, at, cancellationToken),
                RecordKind.BindIndirect => await BindIndirectAsync(change.Bytes, at, cancellationToken),
                _ => ApplyPart(change.Bytes, at),
            };
        }
    }

    Inode InodeAt(byte[] bytes, int at)
    {
        var reader = new RecordReader(bytes.AsSpan(at));
        reader.Next();
        return InodeOf(reader.Inode);
    }

    async ValueTask LoadXattrsAsync(Inode inode, CancellationToken cancellationToken) =>
        inode.Status.Xattrs = await StoredXattrs.LoadAsync(inode.Status.Xattrs, _store, cancellationToken);

    async ValueTask<int> BindAsync(byte[] bytes, int at, CancellationToken cancellationToken)
    {
        var (id, directory, name, end) = ReadBind(bytes, at);
        if (_inodes.ContainsKey(id.Value))
            return end;
        var resolution = await _tree!.ResolveAsync(directory, name, 0, cancellationToken);
        var inode = resolution.Inode ?? throw new FormatInvalidException($"the log speaks of '{LosslessText.FromBytes(name)}', which is not there");
        _inodes[id.Value] = inode;
        return end;
    }

    async ValueTask<int> BindIndirectAsync(byte[] bytes, int at, CancellationToken cancellationToken)
    {
        var (id, uuid, end) = ReadBindIndirect(bytes, at);
        if (!_inodes.ContainsKey(id.Value))
        {
            _inodes[id.Value] = await _tree!.ResolveIndirectAsync(uuid, cancellationToken)
                ?? throw new FormatInvalidException($"the log speaks of the hard links {uuid}, which are not there");
        }

        return end;
    }

    // What goes need not have been spoken of before.
    async ValueTask ResolveRemovedAsync(byte[] bytes, int at, CancellationToken cancellationToken)
    {
        var (directory, name) = ReadRemove(bytes, at);
        await _tree!.ResolveAsync(directory, name, 0, cancellationToken);
    }

    // What comes to a local place has to be in memory, with all below it.
    async ValueTask PrepareEntryAsync(byte[] bytes, int at, CancellationToken cancellationToken)
    {
        var (directory, name, inode) = ReadEntry(bytes, at);
        await LoadXattrsAsync(inode, cancellationToken);
        if (_tree!.MayMove(inode, directory, name))
            return;
        var held = await _tree.LoadBelowAsync(inode, cancellationToken);
        foreach (var below in held)
        {
            await LoadXattrsAsync(below, cancellationToken);
            below.Lookups--;
        }
    }

    (Inode Directory, byte[] Name, Inode Inode) ReadEntry(byte[] bytes, int at)
    {
        var reader = new RecordReader(bytes.AsSpan(at));
        reader.Next();
        return (DirectoryOf(reader.Directory), reader.Name.ToArray(), InodeOf(reader.Inode));
    }

    (Inode Directory, byte[] Name) ReadRemove(byte[] bytes, int at)
    {
        var reader = new RecordReader(bytes.AsSpan(at));
        reader.Next();
        return (DirectoryOf(reader.Directory), reader.Name.ToArray());
    }

    static (NodeId Id, Guid Uuid, int End) ReadBindIndirect(byte[] bytes, int at)
    {
        var reader = new RecordReader(bytes.AsSpan(at));
        reader.Next();
        return (reader.Inode, reader.Uuid, at + reader.Position);
    }

    (NodeId Id, Inode Directory, byte[] Name, int End) ReadBind(byte[] bytes, int at)
    {
        var reader = new RecordReader(bytes.AsSpan(at));
        reader.Next();
        return (reader.Inode, DirectoryOf(reader.Directory), reader.Name.ToArray(), at + reader.Position);
    }

    int ApplyPart(byte[] bytes, int at)
    {
        var reader = new RecordReader(bytes.AsSpan(at));
        reader.Next();
        var tree = _tree!;
        lock (tree.Gate)
        {
            switch (reader.Kind)
            {
                case RecordKind.Time:
                    _time = reader.Time;
                    break;
                case RecordKind.Make:
                    Make(reader);
                    break;
                case RecordKind.Enter:
                    tree.Enter(DirectoryOf(reader.Directory), reader.Name.ToArray(), InodeOf(reader.Inode), _time);
                    break;
                case RecordKind.Remove:
                    Remove(DirectoryOf(reader.Directory), reader.Name.ToArray());
                    break;
                case RecordKind.Rules:
                    tree.SetRules(LocalRules.Parse(reader.Value));
                    break;
                case RecordKind.Adopt:
                    Adopt(DirectoryOf(reader.Directory), reader.Entries, reader.Length);
                    break;
                case RecordKind.Identify:
                    InodeOf(reader.Inode).Uuid = reader.Uuid;
                    break;
                case RecordKind.Status:
                    SetStatus(InodeOf(reader.Inode), reader.Status);
                    break;
                case RecordKind.SetXattr:
                    SetXattr(InodeOf(reader.Inode), reader.Name, reader.Value);
                    break;
                case RecordKind.RemoveXattr:
                    SetXattr(InodeOf(reader.Inode), reader.Name, default, isRemoval: true);
                    break;
                default:
                    ApplyContent(reader);
                    break;
            }
        }

        return at + reader.Position;
    }

    void Make(in RecordReader reader)
    {
        var inode = _tree!.Create(reader.Inode, reader.Uuid, reader.MadeKind, reader.Status, reader.Device, reader.Content);
        inode.BoundEpoch = 0;
        _inodes[reader.Inode.Value] = inode;
    }

    void Remove(Inode directory, byte[] name)
    {
        if (!directory.Directory!.TryGet(name, out var entry) || entry.Inode is not { } inode)
            throw new FormatInvalidException($"the log removes '{LosslessText.FromBytes(name)}', which is not there");
        _tree!.Remove(directory, name, inode, _time);
        _removed.Add(inode);
    }

    void Adopt(Inode directory, in DirectoryRoot stored, long bytes)
    {
        if (directory.Directory!.Entries.Any(static entry => entry.Value.Inode is not null))
            throw new FormatInvalidException($"the log gives entries to {directory}, which has some");
        _tree!.Adopt(directory, stored, bytes);
    }

    void SetStatus(Inode inode, InodeStatus status)
    {
        lock (inode.Gate)
        {
            status.Xattrs = inode.Status.Xattrs;
            inode.Status = status;
        }

        _tree!.MarkChanged(inode);
    }

    void SetXattr(Inode inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isRemoval = false)
    {
        lock (inode.Gate)
            inode.Status.Xattrs = inode.Status.Xattrs.With(new Xattr(name.ToArray(), value.ToArray()), isRemoval);
        _tree!.MarkChanged(inode);
    }

    void ApplyContent(in RecordReader reader)
    {
        var inode = InodeOf(reader.Inode);
        var file = FileOf(inode);
        lock (file.Gate)
        {
            switch (reader.Kind)
            {
                case RecordKind.Extent:
                    file.Write(reader.Offset, reader.Length, reader.Place, _tree!.Epoch);
                    break;
                case RecordKind.Zero:
                    file.Clear(reader.Offset, reader.Length, _tree!.Epoch);
                    break;
                case RecordKind.Stored:
                    file.PutStored(reader.Offset, reader.Length, reader.Content, reader.ContentOffset, _tree!.Epoch);
                    break;
                case RecordKind.Resize:
                    file.Resize(reader.Length, _tree!.Epoch);
                    break;
                case RecordKind.Replace:
                    file.Replace(reader.Content, _tree!.Epoch);
                    break;
                default:
                    throw new FormatInvalidException($"a record of kind {(int)reader.Kind} is not known");
            }
        }

        lock (inode.Gate)
            inode.Status.Modified = inode.Status.Changed = _time;
        _tree.MarkChanged(inode);
    }

    void ApplyWrite(in LoggedChange change)
    {
        var record = change.Bytes.AsSpan();
        if (record.Length != RecordWriter.LongestWrite)
            throw new FormatInvalidException($"a write is recorded in {record.Length} bytes");
        _time = new Timestamp(BinaryPrimitives.ReadInt64LittleEndian(record[1..]), BinaryPrimitives.ReadUInt32LittleEndian(record[9..]));
        var inode = InodeOf(new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(record[13..])));
        var file = FileOf(inode);
        lock (file.Gate)
            file.Write(BinaryPrimitives.ReadInt64LittleEndian(record[21..]), change.DataLength, change.Data, _tree!.Epoch);
        lock (inode.Gate)
            inode.Status.Modified = inode.Status.Changed = _time;
        _tree.MarkChanged(inode);
    }

    Inode InodeOf(NodeId id) => _inodes.GetValueOrDefault(id.Value) ?? throw new FormatInvalidException($"the log speaks of inode {id.Value}, which it has not named");

    Inode DirectoryOf(NodeId id) => InodeOf(id) is { Directory: not null } directory ? directory : throw new FormatInvalidException($"the log takes inode {id.Value} for a directory");

    BackedFile FileOf(Inode inode) => inode.Kind == DirentKind.File ? _tree!.ContentOf(inode) : throw new FormatInvalidException($"the log takes {inode} for a file");
}
