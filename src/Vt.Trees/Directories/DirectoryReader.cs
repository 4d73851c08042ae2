using System.Runtime.CompilerServices;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>
/// Finds and lists the entries of any directory and inode table of a store. A directory is given by its content, a dirent's
/// <see cref="Dirent.Content"/>; the empty content is the directory without entries. Safe from any thread.
/// </summary>
/// <exception cref="BlockMissingException">A node is not in the store.</exception>
/// <exception cref="FormatInvalidException">A block is not the node that it should be.</exception>
public sealed class DirectoryReader
{
    // A directory of no more levels is kept in the cache when it is listed; a larger one would only push others out.
    const int HighestKeptLevel = 1;

    /// <summary>Reads from a store.</summary>
    /// <param name="store">The store; not disposed.</param>
    /// <param name="cache">Keeps nodes; may be shared.</param>
    public DirectoryReader(IBlockStore store, DirectoryNodeCache cache)
    {
        Store = store;
        Loader = new NodeLoader(store, cache);
    }

    /// <summary>The store that is read.</summary>
    public IBlockStore Store { get; }

    internal NodeLoader Loader { get; }

    /// <summary>Finds an entry by its name.</summary>
    /// <returns>The entry; null where the directory has none of that name.</returns>
    public ValueTask<Dirent?> LookupAsync(BlockRef directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default) =>
        DirentOfAsync(FindAsync(directory, DirectoryOrder.Names, name, cancellationToken));

    /// <summary>Finds an inode by its UUID.</summary>
    /// <param name="inodes">A root dirent's inode table.</param>
    /// <param name="uuid">The UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The inode's dirent, which has no name; null where the table has none of that UUID.</returns>
    public ValueTask<Dirent?> LookupInodeAsync(BlockRef inodes, Guid uuid, CancellationToken cancellationToken = default) =>
        DirentOfAsync(FindAsync(inodes, DirectoryOrder.Uuids, uuid.ToByteArray(bigEndian: true), cancellationToken));

    /// <summary>Finds an entry and where it stands, so that it can be found again by that number.</summary>
    /// <param name="directory">The directory or inode table.</param>
    /// <param name="order">What the tree is ordered by.</param>
    /// <param name="key">The name, or the UUID's 16 bytes.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many entries come before it, and the entry; null where there is none.</returns>
    public async ValueTask<(long Position, Dirent Dirent)?> FindAsync(
        BlockRef directory, DirectoryOrder order, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
    {
        if (directory.Span == 0)
            return null;
        var node = await Loader.LoadRootAsync(directory, order, cancellationToken);
        var position = 0L;
        while (true)
        {
            var index = node.IndexOf(key.Span, out var found);
            if (node.Level == 0)
                return found ? (position + index, node.DirentAt(index)) : null;
            if (index == node.Count)
                return null;
            for (var before = 0; before < index; before++)
                position += node.ChildAt(before).Entries;
            node = await Loader.LoadChildAsync(node, index, cancellationToken);
        }
    }

    /// <summary>The entry at a position; null behind the last one.</summary>
    /// <param name="directory">The directory or inode table.</param>
    /// <param name="order">What the tree is ordered by.</param>
    /// <param name="position">How many entries come before it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<DirectoryPage?> PageAtAsync(
        BlockRef directory, DirectoryOrder order, long position, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        if (directory.Span == 0)
            return null;
        var node = await Loader.LoadRootAsync(directory, order, cancellationToken);
        if (position >= node.Entries)
            return null;
        var passed = 0L;
        while (true)
        {
            var index = Seek(node, default, position, ref passed);
            if (index >= node.Count)
                return null;
            if (node.Level == 0)
                return new DirectoryPage(node, index, passed);
            node = await Loader.LoadChildAsync(node, index, cancellationToken);
        }
    }

    /// <summary>The entries from a position on, for who will ask for the next ones after that: nodes are read ahead, and kept in the cache.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="position">How many entries come before them.</param>
    /// <param name="wanted">After how many entries to stop; there may be more, as pages are not cut, or fewer, where the next node has to be waited for.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Neighbouring pages; empty behind the last entry.</returns>
    public async ValueTask<IReadOnlyList<DirectoryPage>> PagesAtAsync(
        BlockRef directory, long position, int wanted, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        if (directory.Span == 0)
            return [];
        var node = await Loader.LoadRootAsync(directory, DirectoryOrder.Names, cancellationToken);
        var passed = 0L;
        if (position >= node.Entries)
            return [];
        while (node.Level > 1)
            node = await Loader.LoadChildAsync(node, Seek(node, default, position, ref passed), cancellationToken);
        var index = Seek(node, default, position, ref passed);
        if (node.Level == 0)
            return [new DirectoryPage(node, index, passed)];
        var leaf = Loader.FindChild(node, index) ?? await LoadAheadAsync(node, index, cancellationToken);
        var skipped = Seek(leaf, default, position, ref passed);
        var pages = new List<DirectoryPage> { new(leaf, skipped, passed) };
        for (wanted -= pages[0].Count, passed += pages[0].Count; wanted > 0 && ++index < node.Count; wanted -= leaf.Count, passed += leaf.Count)
        {
            if (Loader.FindChild(node, index) is not { } next)
                break;
            leaf = next;
            pages.Add(new DirectoryPage(leaf, 0, passed));
        }

        return pages;
    }

    /// <summary>How many entries and how many directories among them there are: what the root node says.</summary>
    public async ValueTask<DirectoryRoot> GetRootAsync(
        BlockRef directory, DirectoryOrder order = DirectoryOrder.Names, CancellationToken cancellationToken = default)
    {
        if (directory.Span == 0)
            return default;
        var node = await Loader.LoadRootAsync(directory, order, cancellationToken);
        return new DirectoryRoot(directory, node.Entries, node.Subdirectories);
    }

    /// <summary>Every entry in order, decoded one by one.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="after">Names up to and including this one are left out; empty starts at the beginning.</param>
    /// <param name="order">What the tree is ordered by.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    public async IAsyncEnumerable<Dirent> EnumerateAsync(
        BlockRef directory,
        ReadOnlyMemory<byte> after = default,
        DirectoryOrder order = DirectoryOrder.Names,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var page in ReadPagesAsync(directory, after, order, cancellationToken))
        {
            for (var i = 0; i < page.Count; i++)
                yield return page.DirentAt(i);
        }
    }

    /// <summary>Every entry in order, a node at a time.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="after">Names up to and including this one are left out; empty starts at the beginning.</param>
    /// <param name="order">What the tree is ordered by.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    public IAsyncEnumerable<DirectoryPage> ReadPagesAsync(
        BlockRef directory, ReadOnlyMemory<byte> after = default, DirectoryOrder order = DirectoryOrder.Names, CancellationToken cancellationToken = default) =>
        ReadPagesAsync(directory, order, after, 0, cancellationToken);

    /// <summary>Every entry in order from a position on, a node at a time: a cursor that is a number.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="position">How many entries are left out at the beginning.</param>
    /// <param name="order">What the tree is ordered by.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    public IAsyncEnumerable<DirectoryPage> ReadPagesFromAsync(
        BlockRef directory, long position, DirectoryOrder order = DirectoryOrder.Names, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return ReadPagesAsync(directory, order, default, position, cancellationToken);
    }

    /// <summary>Brings the root nodes of directories into the cache with one request, since they will be wanted soon.</summary>
    /// <param name="directories">The directories; those without entries are passed over.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask PrefetchAsync(ReadOnlyMemory<BlockRef> directories, CancellationToken cancellationToken = default)
    {
        var roots = directories.ToArray().Where(static root => root.Kind == BlockRefKind.Direct).ToArray();
        if (roots.Length > 0)
            await Loader.LoadManyAsync(roots, keep: true, cancellationToken);
    }

    /// <summary>Loads a leaf, and those behind it with the same request.</summary>
    async ValueTask<DirectoryNode> LoadAheadAsync(DirectoryNode parent, int index, CancellationToken cancellationToken)
    {
        try
        {
            return (await Loader.LoadChildrenAsync(parent, index, Math.Min(NodeLoader.Ahead, parent.Count - index), keep: true, cancellationToken))[0];
        }
        catch (Exception fault) when (fault is BlockMissingException or BlockCorruptException or FormatInvalidException)
        {
            // Damage further on is reported to who gets there.
            return await Loader.LoadChildAsync(parent, index, cancellationToken);
        }
    }

    static async ValueTask<Dirent?> DirentOfAsync(ValueTask<(long Position, Dirent Dirent)?> found) => (await found)?.Dirent;

    // Leaves out the entries up to a key, or, where none is given, a number of them.
    async IAsyncEnumerable<DirectoryPage> ReadPagesAsync(
        BlockRef directory, DirectoryOrder order, ReadOnlyMemory<byte> after, long skip, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (directory.Span == 0)
            yield break;
        var root = await Loader.LoadRootAsync(directory, order, cancellationToken);
        var open = new Stack<(DirectoryNode Node, int Next)>();
        var position = 0L;
        open.Push((root, Seek(root, after.Span, skip, ref position)));
        var seeking = true;
        while (open.TryPop(out var top))
        {
            if (top.Next == top.Node.Count)
            {
                seeking = false;
            }
            else if (top.Node.Level == 0)
            {
                yield return new DirectoryPage(top.Node, top.Next, position);
                position += top.Node.Count - top.Next;
                seeking = false;
            }
            else if (seeking || top.Node.Level > 1)
            {
                open.Push((top.Node, top.Next + 1));
                var child = await Loader.LoadChildAsync(top.Node, top.Next, cancellationToken);
                open.Push((child, seeking ? Seek(child, after.Span, skip, ref position) : 0));
            }
            else
            {
                var count = Math.Min(NodeLoader.Ahead, top.Node.Count - top.Next);
                var leaves = await Loader.LoadChildrenAsync(top.Node, top.Next, count, root.Level <= HighestKeptLevel, cancellationToken);
                open.Push((top.Node, top.Next + count));
                foreach (var leaf in leaves)
                {
                    yield return new DirectoryPage(leaf, 0, position);
                    position += leaf.Count;
                }
            }
        }
    }

    // How many of the items of a node on the way to the first entry to pass over; adds the entries that they stand for.
    static int Seek(DirectoryNode node, ReadOnlySpan<byte> after, long skip, ref long position)
    {
        var index = 0;
        if (node.Level == 0)
        {
            if (after.IsEmpty)
                index = (int)Math.Min(skip - position, node.Count);
            else
                index = node.IndexOf(after, out var found) + (found ? 1 : 0);
            position += index;
            return index;
        }

        var byKey = after.IsEmpty ? node.Count : node.IndexOf(after, out _);
        for (; index < byKey; index++)
        {
            var entries = node.ChildAt(index).Entries;
            if (after.IsEmpty && entries > skip - position)
                break;
            position += entries;
        }

        return index;
    }
}
