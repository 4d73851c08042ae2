using System.Runtime.InteropServices;
using Vt.Blocks.BlockTree;
using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <content>Names that are in no state of the archive.</content>
/// <remarks>
/// A name is local by what the rules said when it came to its place. An inode whose names are all local is local, and so is all below it; it stays in
/// memory, as no stored tree has it. What is stored of a directory that comes to be local is brought into memory before.
/// </remarks>
sealed partial class LiveTree
{
    // Guarded by the gate: the inodes with local names, and directories whose times were moved by local names, which makes no state.
    readonly HashSet<Inode> _locals = [];
    readonly HashSet<Inode> _touched = [];
    bool _hasLocalChanges;

    /// <summary>Which names are local that are made or moved from now on.</summary>
    public LocalRules Rules { get; private set; } = LocalRules.None;

    /// <summary>Whether anything has changed that a list of what is local tells, since the last one.</summary>
    public bool HasLocalChanges
    {
        get => Volatile.Read(ref _hasLocalChanges);
        set => Volatile.Write(ref _hasLocalChanges, value);
    }

    /// <summary>The inodes with local names; under the gate.</summary>
    public IReadOnlyCollection<Inode> Locals => _locals;

    /// <summary>The stored directories with other times than stored; under the gate.</summary>
    public IReadOnlyCollection<Inode> Touched => _touched;

    /// <summary>Whether one of some inodes is among <see cref="Touched"/>.</summary>
    public bool IsAnyTouched(IEnumerable<Inode> inodes)
    {
        lock (Gate)
            return _touched.Count > 0 && inodes.Any(_touched.Contains);
    }

    /// <summary>How many inodes are local, and how many bytes these have.</summary>
    public (long Inodes, long Bytes) CountLocals()
    {
        lock (Gate)
        {
            var (inodes, bytes) = (0L, 0L);
            foreach (var inode in _locals)
            {
                if (!inode.IsLocal)
                    continue;
                inodes++;
                if (inode.Kind == DirentKind.File)
                    bytes += inode.File?.Size ?? inode.Stored.Span;
            }

            return (inodes, bytes);
        }
    }

    /// <summary>Lets other rules hold. Local names that they don't make local belong into the next state.</summary>
    public void SetRules(LocalRules rules)
    {
        lock (Gate)
        {
            Rules = rules;
            HasLocalChanges = true;
            foreach (var directory in TopPlaces())
                Reconsider(directory);
        }
    }

    /// <summary>Whether a name would be local; under the gate, or where nothing changes.</summary>
    public bool IsLocalPlace(Inode directory, ReadOnlySpan<byte> name, bool isDirectory) => directory.IsLocal || IsExcluded(directory, name, isDirectory);

    /// <summary>
    /// Whether what a name leads to may be moved to a place that may be local: all that would be local with it is in memory. Under the gate; see <see cref="LoadBelowAsync"/>.
    /// </summary>
    public bool MayMove(Inode moved, Inode directory, ReadOnlySpan<byte> name)
    {
        if (moved.IsLocal || Rules.IsEmpty || !IsLocalPlace(directory, name, moved.Directory is not null))
            return true;
        if (moved.Status.Xattrs.IsStored)
            return false;
        var open = new Stack<Inode>([moved]);
        while (open.TryPop(out var next))
        {
            if (next.Directory is not { } entries)
                continue;
            if (entries.Stored.Span > 0 && !entries.Loaded.Equals(entries.Stored))
                return false;
            foreach (var (_, entry) in entries.Entries)
            {
                if (entry.Inode is not { } below)
                    continue;
                if (below.Status.Xattrs.IsStored)
                    return false;
                if (below.Directory is not null)
                    open.Push(below);
            }
        }

        return true;
    }

    /// <summary>Brings all below a directory into memory.</summary>
    /// <returns>The directory and what is below it, with a lookup of each for the caller to take back.</returns>
    public async ValueTask<List<Inode>> LoadBelowAsync(Inode directory, CancellationToken cancellationToken)
    {
        var held = new List<Inode>();
        lock (Gate)
            Hold(directory, held);
        for (var i = 0; i < held.Count; i++)
        {
            if (held[i].Directory is not { } entries)
                continue;
            BlockRef stored;
            lock (Gate)
                stored = entries.Stored;
            await foreach (var entry in _reader.EnumerateAsync(stored, cancellationToken: cancellationToken))
            {
                if ((await ResolveAsync(held[i], entry.Name.ToArray(), 1, cancellationToken)).Inode is { } found)
                    held.Add(found);
            }

            lock (Gate)
            {
                if (entries.Stored.Equals(stored))
                    entries.Loaded = stored;
                var known = new HashSet<Inode>(held);
                foreach (var (_, entry) in entries.Entries)
                {
                    if (entry.Inode is { } below && known.Add(below))
                        Hold(below, held);
                }
            }
        }

        return held;
    }

    /// <summary>Puts a local name where a list has it. Under the gate; the name is free.</summary>
    public void EnterLocal(Inode directory, byte[] name, Inode child)
    {
        PutLocalEntry(directory, name, child);
        AddPlace(directory, name, child, isLocal: true);
        Classify(child);
    }

    /// <summary>Gives a stored directory the times that local names gave it, unless it has got others since. Under the gate.</summary>
    public void TouchAs(Inode directory, InodeStatus status)
    {
        lock (directory.Gate)
        {
            if (status.Changed <= directory.Status.Changed)
                return;
            (directory.Status.Modified, directory.Status.Changed) = (status.Modified, status.Changed);
        }

        _touched.Add(directory);
    }

    static void Hold(Inode inode, List<Inode> held)
    {
        inode.Lookups++;
        held.Add(inode);
    }

    // A folder on the way may be one that the rules name and that was stored before they held: what comes to be below it is local.
    bool IsExcluded(Inode directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        if (Rules.IsEmpty)
            return false;
        var above = new Stack<byte[]>();
        for (var at = directory; at.Parent is { } parent; at = parent)
            above.Push(at.Name);
        var path = new List<byte>();
        while (above.TryPop(out var next))
        {
            path.AddRange(next);
            if (Rules.Excludes(CollectionsMarshal.AsSpan(path), isDirectory: true))
                return true;
            path.Add((byte)'/');
        }

        path.AddRange(name);
        return Rules.Excludes(CollectionsMarshal.AsSpan(path), isDirectory);
    }

    void PutLocalEntry(Inode directory, byte[] name, Inode child)
    {
        var entries = directory.Directory!;
        var isThere = entries.TryGet(name, out var before);

        // What was stored under this name is to go, also if the checkpoint fails that is under way with it.
        var isHiding = isThere && (before.IsHiding || !before.IsLocal) && !directory.IsLocal;
        if (isHiding && !before.IsLocal && before.Stamp != Epoch)
            HideAgain(directory, name);

        entries.Put(name, new LiveEntry(child, LiveEntry.LocalStamp, isHiding));
        entries.Version++;
        entries.Snapshot = null;
        HasLocalChanges = true;
    }

    // What was stored under a local name is still to go.
    void HideAgain(Inode directory, byte[] name)
    {
        directory.Directory!.ChangedNames.Add(name);
        MarkChanged(directory);
    }

    static void CountLocal(LiveDirectory entries, Inode child, int sign)
    {
        entries.LocalCount += sign;
        if (child.Directory is not null)
            entries.LocalSubdirectories += sign;
        child.LocalLinks = (uint)(child.LocalLinks + sign);
    }

    // An inode has come to a place, with all below it.
    void Place(Inode child)
    {
        var wasLocal = child.IsLocal;
        Classify(child);
        if (child.Directory is not { } entries || (entries.InMemory == 0 && !_touched.Contains(child)))
            return;
        if (child.IsLocal && !wasLocal)
        {
            TakeBelow(child);
        }
        else if (!child.IsLocal && (_locals.Count > 0 || _touched.Count > 0))
        {
            // The list names what stands in it by its path.
            HasLocalChanges = true;
            Reconsider(child);
        }
    }

    // Whether an inode is local, now that its names are what they are.
    void Classify(Inode inode)
    {
        if (inode.LocalLinks > 0 ? _locals.Add(inode) : _locals.Remove(inode))
            HasLocalChanges = true;
        if (inode.IsOrphan && _touched.Remove(inode))
            HasLocalChanges = true;
        var isLocal = inode.LocalLinks > 0 && inode.StoredLinks == 0;
        if (isLocal == inode.IsLocal)
            return;
        inode.IsLocal = isLocal;
        HasLocalChanges = true;
        if (isLocal)
        {
            Interlocked.Add(ref _storedBytes, -TreeUsage.Of(inode.Entry));
            inode.Entry = null;
            _touched.Remove(inode);
            LeaveTable(inode);
            Identify(inode);
        }
        else if (!inode.IsOrphan)
        {
            inode.ChangedEpoch = 0;
            MarkChanged(inode);
        }
    }

    void LeaveTable(Inode inode)
    {
        if (!inode.IsInTable)
            return;
        inode.IsInTable = false;
        lock (_changesGate)
            _droppedInodes.Add(inode.Uuid!.Value);
    }

    // All below a directory that has become local is local with it. It is in memory.
    void TakeBelow(Inode directory)
    {
        var open = new Stack<Inode>([directory]);
        while (open.TryPop(out var next))
        {
            var entries = next.Directory!;
            foreach (var (name, entry) in entries.Entries.ToList())
            {
                if (entry.Inode is not { } child)
                {
                    entries.Forget(name);
                    continue;
                }

                entries.Put(name, new LiveEntry(child, LiveEntry.LocalStamp));
                if (!entry.IsLocal)
                    CountLocal(entries, child, 1);
                Classify(child);
                MarkChanged(child);
                if (child.Directory is not null)
                    open.Push(child);
            }

            entries.Stored = entries.Loaded = BlockRef.Empty;
            entries.StoredThrough = 0;
            entries.ChangedNames = [];
            entries.Count = entries.LocalCount = entries.InMemory;
            entries.Subdirectories = entries.LocalSubdirectories;
            entries.IsCounted = true;
            entries.Generation++;
            entries.Version++;
            entries.Snapshot = null;
        }
    }

    // The directories that are not local and have local names.
    List<Inode> TopPlaces() =>
        [.. _locals.SelectMany(static inode => PlacesOf(inode)).Select(static place => place.Directory).Where(static directory => !directory.IsLocal).Distinct()];

    /// <summary>The places of an inode's names, as far as they are in memory.</summary>
    public static IEnumerable<(Inode Directory, byte[] Name)> PlacesOf(Inode inode) =>
        inode.Parent is { } parent ? (inode.FurtherPlaces ?? []).Prepend((parent, inode.Name)) : [];

    // Local names below a directory that the rules don't make local where they are now belong into the next state.
    void Reconsider(Inode directory)
    {
        var open = new Stack<Inode>([directory]);
        while (open.TryPop(out var next))
        {
            if (next.IsLocal)
                continue;
            var entries = next.Directory!;
            foreach (var (name, entry) in entries.Entries.ToList())
            {
                if (entry.Inode is not { } child)
                    continue;
                if (entry.IsLocal && !IsExcluded(next, name, child.Directory is not null))
                {
                    PutEntry(next, name, child);
                    CountLocal(entries, child, -1);
                    Classify(child);
                    MarkChanged(child);
                }

                if (child.Directory is not null)
                    open.Push(child);
            }
        }
    }

    // What a checkpoint stored of a directory has the times that local names gave it.
    void CompleteTouch(Inode inode, in InodeStatus stored)
    {
        if (inode.Directory is null || !_touched.Contains(inode))
            return;
        lock (inode.Gate)
        {
            if (inode.Status.Changed == stored.Changed && inode.Status.Modified == stored.Modified)
                _touched.Remove(inode);
        }
    }
}
