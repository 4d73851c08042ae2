using Vt.Blocks.BlockTree;
using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <content>Finds an inode by its number alone.</content>
sealed partial class LiveTree
{
    // How often to look again where names moved under the search.
    const int Searches = 4;

    /// <summary>
    /// The inode that the kernel calls so, brought into memory wherever it stands, with one lookup of it counted. What is not in memory is looked for
    /// in the whole stored tree: nothing is kept of nodes that the kernel has forgotten, and those who come back by a handle are few.
    /// </summary>
    /// <returns>Null where the tree has none of that number (any more).</returns>
    public async ValueTask<Inode?> ResolveNodeAsync(NodeId node, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Searches; i++)
        {
            if (TryEnter(node) is { } known)
                return known;

            // Where it moved before it got a second name, its number is in its UUID.
            await ResolveIndirectAsync(InodeNumbers.Hold(node.Value), cancellationToken);
            if (TryEnter(node) is { } linked)
                return linked;
            if (await SearchAsync(node.Value, cancellationToken) is not { } place)
                return TryEnter(node);
            if (await EnterAsync(place, node, cancellationToken) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>The directory above an inode, with one lookup of it counted; the root is above itself. Null of what has no name.</summary>
    public Inode? EnterAbove(Inode inode)
    {
        lock (Gate)
        {
            if ((inode == Root ? Root : inode.Parent) is not { } above)
                return null;
            above.Lookups++;
            return above;
        }
    }

    Inode? TryEnter(NodeId node)
    {
        lock (Gate)
        {
            if (Find(node) is not { } inode)
                return null;
            inode.Lookups++;
            return inode;
        }
    }

    // By its names from the root down, each of them held until the one below is in memory.
    async ValueTask<Inode?> EnterAsync(SearchedPlace place, NodeId node, CancellationToken cancellationToken)
    {
        var names = new Stack<byte[]>();
        for (var at = place; at.Above is { } above; at = above)
            names.Push(at.Name);
        var inode = Root;
        while (names.TryPop(out var name))
        {
            var directory = inode;
            try
            {
                if (directory.Directory is null)
                    return null;
                if ((await ResolveAsync(directory, name, 1, cancellationToken)).Inode is not { } found)
                    return null;
                inode = found;
            }
            finally
            {
                if (directory != Root)
                    Forget(directory.Node, 1);
            }
        }

        if (inode.Node == node)
            return inode;
        if (inode != Root)
            Forget(inode.Node, 1);
        return null;
    }

    async ValueTask<SearchedPlace?> SearchAsync(ulong number, CancellationToken cancellationToken)
    {
        var open = new Stack<SearchedPlace>();
        open.Push(new SearchedPlace(null, [], Root, BlockRef.Empty, Root.Number));
        while (open.TryPop(out var place))
        {
            var stored = place.Stored;
            if (place.Inode is { } inode)
                stored = OpenLive(place, inode, open);
            await foreach (var page in _reader.ReadPagesAsync(stored, cancellationToken: cancellationToken))
            {
                for (var i = 0; i < page.Count; i++)
                {
                    var name = page.NameAt(i);
                    if (page.KindAt(i) == DirentKind.Whiteout || (place.Inode is { } live && IsInMemory(live, name.Span)))
                        continue;
                    var dirent = page.DirentAt(i);
                    var own = dirent.Uuid is { } uuid ? InodeNumbers.Of(uuid) : InodeNumbers.Of(place.Number, name.Span);
                    var below = new SearchedPlace(place, name.ToArray(), null, dirent.Content, own);
                    if (InodeNumbers.NodeOf(own) == number)
                        return below;
                    if (dirent.Kind == DirentKind.Directory)
                        open.Push(below);
                }
            }
        }

        return null;
    }

    // The directories in memory that stand in one; what else is in memory isn't looked for.
    BlockRef OpenLive(SearchedPlace place, Inode directory, Stack<SearchedPlace> open)
    {
        lock (Gate)
        {
            foreach (var (name, entry) in directory.Directory!.Entries)
            {
                if (entry.Inode is { Directory: not null } below)
                    open.Push(new SearchedPlace(place, name, below, BlockRef.Empty, below.Number));
            }

            return directory.Directory.Stored;
        }
    }

    bool IsInMemory(Inode directory, ReadOnlySpan<byte> name)
    {
        lock (Gate)
            return directory.Directory!.TryGet(name, out _);
    }

    /// <summary>A place on the way of a search.</summary>
    /// <param name="Above">The directory that it stands in; null of the root.</param>
    /// <param name="Name">The name there.</param>
    /// <param name="Inode">The directory, where it is in memory.</param>
    /// <param name="Stored">Else its stored entries.</param>
    /// <param name="Number">The inode number.</param>
    sealed record SearchedPlace(SearchedPlace? Above, byte[] Name, Inode? Inode, BlockRef Stored, ulong Number);
}
