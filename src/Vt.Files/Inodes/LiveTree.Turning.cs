using Vt.Blocks.BlockTree;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <content>
/// A tree that becomes another stored one, at a cost that follows the differences as far as they are in memory. Directories that both have keep their nodes, so that
/// who stands in one stands in it still; everything else that differs loses its names as if it was removed: who has it open goes on reading what it was, and what
/// is written to it is lost with it. What is the same in both is not touched, with all that the kernel has of it.
/// </content>
sealed partial class LiveTree
{
    /// <summary>
    /// Finds out what has to be done. Everything is stored, and nothing comes into memory until <see cref="Turn"/> is done; what is there may leave it.
    /// </summary>
    /// <param name="root">The other tree.</param>
    /// <param name="isCounted">Whether to count its content, which takes as long as listing it.</param>
    /// <param name="cancellationToken">Gives up waiting for the store.</param>
    public async ValueTask<TreeTurn> PlanTurnAsync(Dirent root, bool isCounted, CancellationToken cancellationToken)
    {
        var turn = new TreeTurn(root) { Bytes = isCounted ? await TreeUsage.CountAsync(_reader, root, cancellationToken) : null };
        var open = new Stack<(Inode Directory, Dirent After)>();
        open.Push((Root, root));
        while (open.TryPop(out var next))
        {
            turn.Directories.Add(next);
            await foreach (var difference in DirectoryDiff.CompareAsync(_reader, next.Directory.Directory!.Stored, next.After.Content, cancellationToken: cancellationToken))
                PlanTurn(turn, next.Directory, difference, open);
        }

        // The entries of such inodes say nothing of what they are like.
        await foreach (var (before, after) in DirectoryDiff.CompareAsync(_reader, InodeTable, root.Inodes, DirectoryOrder.Uuids, cancellationToken))
        {
            lock (Gate)
            {
                if ((before ?? after)!.Uuid is { } uuid && _indirect.TryGetValue(uuid, out var inode))
                    turn.Gone.Add(inode);
            }
        }

        return turn;
    }

    /// <summary>Does it. Under no lock, while nobody makes changes.</summary>
    /// <returns>What whoever remembers the tree has to forget.</returns>
    public List<TreeNotice> Turn(TreeTurn turn)
    {
        var notices = new List<TreeNotice>();
        lock (Gate)
        {
            foreach (var inode in turn.Gone)
                Detach(inode, notices);
            foreach (var (directory, after) in turn.Directories)
            {
                TurnDirectory(directory, after);
                notices.Add(new TreeNotice(directory.Node, null));
            }

            foreach (var (directory, name) in turn.Appeared)
                notices.Add(new TreeNotice(directory.Node, name));
            InodeTable = turn.Root.Inodes;
            if (turn.Bytes is { } bytes)
                StoredBytes = bytes;
        }

        return notices;
    }

    void PlanTurn(TreeTurn turn, Inode directory, in DirectoryDifference difference, Stack<(Inode Directory, Dirent After)> open)
    {
        var name = (difference.Before ?? difference.After)!.Name;
        lock (Gate)
        {
            if (!directory.Directory!.TryGet(name.Span, out var entry) || entry.Inode is not { } child)
            {
                if (difference.Before is null && directory.Directory.HasDenied)
                    turn.Appeared.Add((directory, name.ToArray()));
                return;
            }

            if (difference.After is { Kind: DirentKind.Directory } after && child.Directory is not null && NumberOf(directory, after) == child.Number)
                open.Push((child, after));
            else
                turn.Gone.Add(child);
        }
    }

    static ulong NumberOf(Inode directory, Dirent entry) => entry.Uuid is { } uuid ? InodeNumbers.Of(uuid) : InodeNumbers.Of(directory.Number, entry.Name.Span);

    static void TurnDirectory(Inode inode, Dirent after)
    {
        lock (inode.Gate)
            inode.Status = InodeStatus.Of(after.Metadata);
        if (inode.Id != NodeId.Root)
            inode.Uuid = after.Uuid;
        inode.Entry = after;
        var (directory, stored) = (inode.Directory!, OpenDirectory(after));
        directory.Stored = stored.Stored;
        directory.Subdirectories = stored.Subdirectories;
        directory.Count = 0;
        directory.IsCounted = stored.IsCounted;
        directory.Adopted = null;
        Outdate(directory);
    }

    static void Outdate(LiveDirectory directory)
    {
        directory.Loaded = BlockRef.Empty;
        directory.Snapshot = null;
        directory.Generation++;
        directory.Version++;
    }

    void Detach(Inode inode, List<TreeNotice> notices)
    {
        var removed = new Stack<Inode>();
        foreach (var (directory, name) in PlacesOf(inode))
        {
            directory.Directory!.Forget(name);
            notices.Add(new TreeNotice(directory.Node, name));
        }

        removed.Push(inode);
        while (removed.TryPop(out var next))
        {
            next.Links = 0;
            (next.Parent, next.Name, next.FurtherPlaces) = (null, [], null);
            if (next.Uuid is { } uuid && next.IsIndirect)
                _indirect.Remove(uuid);
            if (next.Directory is { } directory)
                DetachBelow(next, directory, removed);
            NoteNameless(next);
            if (next.Lookups == 0)
                Drop(next);
        }
    }

    // As in a directory that was removed, there is nothing in it any more.
    void DetachBelow(Inode inode, LiveDirectory directory, Stack<Inode> removed)
    {
        foreach (var (name, entry) in directory.Entries.ToList())
        {
            if (entry.Inode is not { } child)
                continue;
            if (!child.IsIndirect)
            {
                removed.Push(child);
                continue;
            }

            // It may have other names, also such as are not in memory.
            RemovePlace(child, inode, name);
            if (child is { Parent: null, Lookups: 0 })
                Drop(child);
        }

        directory.Clear();
        directory.Stored = BlockRef.Empty;
        (directory.Count, directory.Subdirectories, directory.IsCounted) = (0, 0, true);
        Outdate(directory);
    }
}
