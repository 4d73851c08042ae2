using Vt.Files.BackedFiles;
using Vt.Files.Checkpoints;
using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <content>What a checkpoint does with the tree.</content>
sealed partial class LiveTree
{
    /// <summary>Takes stock of what has changed, while the gate of changes is closed, and starts an epoch.</summary>
    /// <param name="nextEpoch">The epoch that starts.</param>
    public FrozenTree Freeze(uint nextEpoch)
    {
        lock (Gate)
        {
            List<Inode> changes;
            List<Guid> dropped;
            lock (_changesGate)
            {
                (changes, _changes) = (_changes, []);
                (dropped, _droppedInodes) = (_droppedInodes, []);
            }

            var frozen = new Dictionary<Inode, FrozenInode>(changes.Count + 16);
            foreach (var inode in changes)
            {
                if (inode.IsOrphan)
                    inode.ChangedEpoch = 0;
                else if (!inode.IsLocal)
                    Freeze(inode, frozen);
            }

            var isEmpty = frozen.Count == 0 && dropped.Count == 0;
            var tree = new FrozenTree(Epoch, nextEpoch, InodeTable, frozen.Values, dropped) { Root = Freeze(Root, frozen), IsEmpty = isEmpty, AdoptedBytes = isEmpty ? 0 : _adoptedBytes };
            _adoptedBytes -= tree.AdoptedBytes;
            Epoch = nextEpoch;
            return tree;
        }
    }

    /// <summary>What was frozen is stored: whatever has not changed since is as it is stored.</summary>
    public void Complete(FrozenTree tree, Dirent root)
    {
        lock (Gate)
        {
            foreach (var frozen in tree.Inodes)
            {
                var inode = frozen.Inode;
                if (!inode.IsOrphan && !inode.IsLocal)
                    Interlocked.Add(ref _storedBytes, TreeUsage.Of(frozen.Result) - TreeUsage.Of(inode.Entry));
                if (!inode.IsLocal)
                    inode.Entry = frozen.Result;
                if (inode.Directory is not { } directory)
                    CompleteContent(inode, frozen);
                else if (directory.Generation == frozen.Generation)
                    Complete(directory, frozen, tree.Epoch);
                CompleteTouch(inode, frozen.Status);
                lock (_changesGate)
                {
                    if (inode.ChangedEpoch <= tree.Epoch)
                        inode.ChangedEpoch = 0;
                }
            }

            InodeTable = root.Inodes;
            Interlocked.Add(ref _storedBytes, tree.AdoptedBytes);
            foreach (var frozen in tree.Inodes)
                Release(frozen.Inode);
        }
    }

    /// <summary>What was frozen could not be stored: it is among the changes of the current epoch again.</summary>
    public void TakeBack(FrozenTree tree)
    {
        lock (Gate)
        {
            _adoptedBytes += tree.AdoptedBytes;
            foreach (var frozen in tree.Inodes)
            {
                if (frozen.Inode.IsOrphan)
                    continue;
                foreach (var (name, child) in frozen.Changes)
                {
                    if (!frozen.Inode.Directory!.TryGet(name, out var entry))
                        continue;
                    if (entry.Inode == child && entry.Stamp <= tree.Epoch)
                        PutEntry(frozen.Inode, name, child);
                    else if (entry.IsHiding)
                        HideAgain(frozen.Inode, name);
                }

                if (frozen.IsChanged)
                    MarkChanged(frozen.Inode);
            }

            lock (_changesGate)
                _droppedInodes.AddRange(tree.DroppedInodes);
        }
    }

    static FrozenInode Freeze(Inode inode, Dictionary<Inode, FrozenInode> frozen)
    {
        // Without recursion: a tree may be deeper than any stack.
        var chain = new Stack<Inode>();
        FrozenInode? known = null;
        for (var at = inode; at is not null && !frozen.TryGetValue(at, out known); at = at.IsIndirect ? null : at.Parent)
            chain.Push(at);
        while (chain.TryPop(out var next))
            known = Freeze(next, known, frozen);
        return known!;
    }

    static FrozenInode Freeze(Inode inode, FrozenInode? above, Dictionary<Inode, FrozenInode> frozen)
    {
        InodeStatus status;
        BackedFile? file;
        lock (inode.Gate)
            (status, file) = (inode.Status, inode.File);
        ContentSnapshot? content = null;
        var (stored, holes) = (inode.Stored, inode.StoredHoles);
        if (file is not null)
        {
            lock (file.Gate)
            {
                if (file.IsClean)
                    stored = file.Backing;
                else
                    content = file.Freeze();
            }
        }

        var taken = new FrozenInode(inode)
        {
            Status = status,
            Links = inode.StoredLinks,
            Uuid = inode.Uuid,
            IsIndirect = inode.IsIndirect,
            IsChanged = inode.ChangedEpoch != 0,
            Parent = above,
            Name = inode.Name,
            Depth = above is null ? 0 : above.Depth + 1,
            Content = content,
            Stored = inode.Directory?.Stored ?? stored,
            Holes = holes,
            Count = inode.Directory is { } counted ? counted.Count - counted.LocalCount : 0,
            Subdirectories = inode.Directory is { } entered ? entered.Subdirectories - entered.LocalSubdirectories : 0,
            Generation = inode.Directory?.Generation ?? 0,
        };
        inode.IsInTable |= inode.IsIndirect;
        frozen.Add(inode, taken);
        above?.Children.Add(taken);
        if (inode.Directory is { } directory)
        {
            foreach (var name in directory.ChangedNames)
            {
                if (directory.TryGet(name, out var entry))
                    taken.Changes.Add((name, entry.IsLocal ? null : entry.Inode));
            }

            directory.ChangedNames = [];
        }

        return taken;
    }

    static void Complete(LiveDirectory directory, FrozenInode frozen, uint epoch)
    {
        directory.Stored = frozen.Stored;
        directory.StoredThrough = epoch;
        if (!directory.IsCounted)
            directory.Count -= frozen.Count;
        foreach (var (name, child) in frozen.Changes)
        {
            if (child is not null || !directory.TryGet(name, out var entry))
                continue;
            if (entry.Inode is null && entry.Stamp <= epoch)
                directory.Forget(name);
            else if (entry.IsHiding)
                directory.Put(name, entry with { IsHiding = false });
        }
    }

    static void CompleteContent(Inode inode, FrozenInode frozen)
    {
        lock (inode.Gate)
        {
            inode.Stored = frozen.Stored;
            inode.StoredHoles = frozen.Holes;
        }

        if (frozen.Content is not { } content || inode.File is not { } file)
            return;
        lock (file.Gate)
            file.Complete(content, frozen.Stored, frozen.Holes);
    }
}
