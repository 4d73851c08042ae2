using Vt.Files.BackedFiles;
using Vt.Files.Inodes;
using Vt.Files.Journal;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Checkpoints;

/// <summary>
/// Carries what is local over a checkpoint, after which the log's records of it go: writes a list of all local names, inodes and places of bytes, and
/// moves bytes that lie where they can't stay. One checkpoint at a time uses it.
/// </summary>
/// <remarks>
/// <para>A list is durable, with all bytes that it names, before the state names it. Until a later state is durable, the files that it names stay, whoever lets
/// go of what is in them.</para>
/// <para>Costs: bytes are moved once, out of the log's own files, and again where more than half of a kept file is of no use; a list has all local names, and
/// is written at a checkpoint before which anything local has changed.</para>
/// </remarks>
sealed class LocalKeeper
{
    // Parts go on in another record behind so many bytes; the longest part is an attribute with its value.
    const int RecordLength = 128 << 10;

    // Small pieces are moved together.
    const int Batch = 1 << 20;

    readonly LiveLog _log;
    readonly LiveTree _tree;
    readonly ILocalLists _lists;

    // Those that the state on the disk may name, with the files that they name; the last one is the newest.
    readonly List<(LocalList? List, HashSet<uint> Segments)> _current = [];

    /// <summary>Begins with the list that the state names.</summary>
    public LocalKeeper(LiveLog log, LiveTree tree, ILocalLists lists, LocalList? list, HashSet<uint> segments)
    {
        _log = log;
        _tree = tree;
        _lists = lists;
        _current.Add((list, segments));
    }

    /// <summary>Takes stock of what is local, within the closed gate of changes.</summary>
    /// <param name="nextEpoch">The epoch that starts.</param>
    /// <param name="stored">What is going to be stored, with the times that it has.</param>
    /// <returns>Null where nothing of it has changed since the last list.</returns>
    public FrozenLocals? Freeze(uint nextEpoch, IEnumerable<FrozenInode> stored)
    {
        // A list names directories with other times than stored by their paths: not once these times are stored.
        var toStore = stored.Select(static inode => inode.Inode);
        if (!_tree.HasLocalChanges && !_tree.IsAnyTouched(toStore))
            return null;

        var frozen = new FrozenLocals(nextEpoch) { Wasted = _log.SealWasted() };
        using var record = new RecordWriter();
        record.Begin(default);
        lock (_tree.Gate)
        {
            _tree.HasLocalChanges = false;
            var touched = new HashSet<Inode>(_tree.Touched);
            touched.ExceptWith(toStore);
            frozen.IsEmpty = _tree.Locals.Count == 0 && touched.Count == 0;
            var bound = new HashSet<Inode> { _tree.Root };
            foreach (var inode in _tree.Locals)
            {
                if (inode.IsLocal)
                    Make(inode, record, frozen);
                else
                    record.BindIndirect(inode.Id, inode.Uuid!.Value);
                Split(record, frozen);
            }

            foreach (var inode in _tree.Locals)
                Enter(inode, record, frozen, bound);
            foreach (var inode in _tree.Locals)
            {
                if (inode is { IsLocal: true, Kind: DirentKind.File })
                    WriteContent(inode, record, frozen);
            }

            foreach (var directory in touched)
            {
                Bind(directory, record, frozen, bound);
                lock (directory.Gate)
                    record.Status(directory.Id, directory.Status);
            }
        }

        frozen.Records.Add(record.Written.ToArray());
        foreach (var segment in frozen.Segments)
            _log.Pin(segment);
        return frozen;
    }

    /// <summary>Writes the list, after the bytes that have to move: durable.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Write(FrozenLocals frozen)
    {
        if (!frozen.IsEmpty)
        {
            Move(frozen);
            _log.SyncKept();
            frozen.List = _lists.Write(frozen.Number, frozen.Records);
        }

        // From here on a state may come to name it.
        _current.Add((frozen.List, frozen.Segments));
    }

    /// <summary>The list that a state has to name now; null for none.</summary>
    public LocalList? Current => _current[^1].List;

    /// <summary>The state is durable and names the current list.</summary>
    public void Complete(FrozenLocals frozen)
    {
        for (var i = 0; i < frozen.Moving.Count; i++)
        {
            var (_, file, content) = frozen.Moving[i];
            lock (file.Gate)
                file.Move(content, frozen.Moved[i]);
        }

        LetGo(frozen);
        foreach (var (_, segments) in _current.SkipLast(1))
            Unpin(segments);
        _current.RemoveRange(0, _current.Count - 1);
        _lists.DeleteOthers(Current);
    }

    /// <summary>The checkpoint failed: what the state names now is not known.</summary>
    public void TakeBack(FrozenLocals frozen)
    {
        _tree.HasLocalChanges = true;
        LetGo(frozen);
        if (_current[^1].Segments != frozen.Segments)
            Unpin(frozen.Segments);
    }

    void LetGo(FrozenLocals frozen)
    {
        frozen.Dispose();
        foreach (var (place, length) in frozen.Written)
            _log.Release(place, length);
        frozen.Written.Clear();
    }

    void Unpin(HashSet<uint> segments)
    {
        foreach (var segment in segments)
            _log.Unpin(segment);
    }

    static void Split(RecordWriter record, FrozenLocals frozen)
    {
        if (record.Written.Length < RecordLength)
            return;
        frozen.Records.Add(record.Written.ToArray());
        record.Begin(default);
    }

    static void Make(Inode inode, RecordWriter record, FrozenLocals frozen)
    {
        XattrSet attributes;
        lock (inode.Gate)
        {
            record.Make(inode);
            attributes = inode.Status.Xattrs;
        }

        foreach (var attribute in attributes.Items)
        {
            record.SetXattr(inode.Id, attribute.Name.Span, attribute.Value.Span);
            Split(record, frozen);
        }
    }

    static void Enter(Inode inode, RecordWriter record, FrozenLocals frozen, HashSet<Inode> bound)
    {
        foreach (var (directory, name) in LiveTree.PlacesOf(inode))
        {
            if (!directory.Directory!.TryGet(name, out var entry) || !entry.IsLocal)
                continue;
            Bind(directory, record, frozen, bound);
            record.Enter(directory.Id, name, inode.Id);
            Split(record, frozen);
        }
    }

    // A stored directory is told by its path.
    static void Bind(Inode directory, RecordWriter record, FrozenLocals frozen, HashSet<Inode> bound)
    {
        if (directory.IsLocal)
            return;
        var chain = new Stack<Inode>();
        for (var at = directory; at is not null && bound.Add(at); at = at.Parent)
            chain.Push(at);
        while (chain.TryPop(out var next))
        {
            record.Bind(next.Id, next.Parent!.Id, next.Name);
            Split(record, frozen);
        }
    }

    void WriteContent(Inode inode, RecordWriter record, FrozenLocals frozen)
    {
        if (inode.File is not { } file)
        {
            if (inode.Stored.Span > 0)
                record.Replace(inode.Id, inode.Stored);
            Split(record, frozen);
            return;
        }

        lock (file.Gate)
        {
            if (file.IsClean)
            {
                record.Replace(inode.Id, file.Backing);
            }
            else if (HasToMove(file, frozen))
            {
                frozen.Moving.Add((inode, file, file.Freeze()));
            }
            else
            {
                for (var parts = file.Parts(); parts.MoveNext();)
                    WritePart(inode, parts.Current, record, frozen);
                record.Resize(inode.Id, file.Size);
            }
        }

        Split(record, frozen);
    }

    bool HasToMove(BackedFile file, FrozenLocals frozen)
    {
        for (var parts = file.Parts(); parts.MoveNext();)
        {
            if (HasToMove(parts.Current, frozen))
                return true;
        }

        return false;
    }

    bool HasToMove(in Extent part, FrozenLocals frozen) => part.Source.Kind == ExtentSourceKind.Log
        && (!_log.IsKept(part.Source.Place.Segment) || frozen.Wasted.Contains(part.Source.Place.Segment));

    static void WritePart(Inode inode, in Extent part, RecordWriter record, FrozenLocals frozen)
    {
        if (part.Source.Kind == ExtentSourceKind.Log)
        {
            record.Extent(inode.Id, part.Offset, part.Length, part.Source.Place, checksum: null);
            frozen.Segments.Add(part.Source.Place.Segment);
        }
        else if (part.Source.Kind == ExtentSourceKind.Stored)
        {
            record.Stored(inode.Id, part.Offset, part.Length, part.Source.Content.Content, part.Source.ContentOffset);
        }

        Split(record, frozen);
    }

    void Move(FrozenLocals frozen)
    {
        if (frozen.Moving.Count == 0)
            return;
        using var record = new RecordWriter();
        record.Begin(default);
        var batch = new byte[Batch];
        var filled = 0;
        var waiting = new List<(int File, long Offset, int Length)>();
        for (var i = 0; i < frozen.Moving.Count; i++)
        {
            frozen.Moved.Add([]);
            var (inode, _, content) = frozen.Moving[i];
            foreach (var part in content.Parts())
            {
                if (!HasToMove(part, frozen))
                {
                    if (part.Source.Kind == ExtentSourceKind.Log)
                        PinNew(part.Source.Place.Segment, frozen);
                    WritePart(inode, part, record, frozen);
                    continue;
                }

                for (long at = 0; at < part.Length;)
                {
                    if (filled == Batch)
                        WriteBatch();
                    var length = (int)Math.Min(part.Length - at, Batch - filled);
                    _log.Read(part.Source.Place.Plus(at), batch.AsSpan(filled, length));
                    waiting.Add((i, part.Offset + at, length));
                    filled += length;
                    at += length;
                }
            }

            record.Resize(inode.Id, content.Length);
            Split(record, frozen);
        }

        WriteBatch();
        frozen.Records.Add(record.Written.ToArray());

        void WriteBatch()
        {
            if (filled == 0)
                return;
            var place = _log.WriteBulk(batch.AsSpan(0, filled), out _, isKept: true);
            frozen.Written.Add((place, filled));
            PinNew(place.Segment, frozen);
            foreach (var (file, offset, length) in waiting)
            {
                frozen.Moved[file].Add((offset, length, place));
                record.Extent(frozen.Moving[file].Inode.Id, offset, length, place, checksum: null);
                Split(record, frozen);
                place = place.Plus(length);
            }

            waiting.Clear();
            filled = 0;
        }
    }

    void PinNew(uint segment, FrozenLocals frozen)
    {
        if (frozen.Segments.Add(segment))
            _log.Pin(segment);
    }
}
