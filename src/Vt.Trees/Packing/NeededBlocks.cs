using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Packing;

/// <summary>
/// Finds the blocks that trees are made of and that somebody has not got. What is below a block that is there with all below it is not gone over, so that the
/// cost is that of what changed. A file may have the very bytes of a directory's block: it is there then, and nothing is known of what would be below it.
/// </summary>
/// <remarks>Memory: some 100 bytes for each block that is not there.</remarks>
/// <param name="directories">Reads the trees.</param>
/// <param name="isThere">Tells whether somebody has a block: as a tree, with all that is below it, or at all.</param>
public sealed class NeededBlocks(DirectoryReader directories, Func<BlockHash, bool, bool> isThere)
{
    readonly NodeCache _nodes = new();
    readonly HashSet<BlockHash> _seen = [];
    readonly HashSet<BlockHash> _trees = [];
    readonly List<BlockHash> _needed = [];
    readonly Stack<BlockRef> _folders = new();

    /// <summary>The blocks that are not there, each once.</summary>
    public IReadOnlyList<BlockHash> Needed => _needed;

    /// <summary>Those that have others below them, the ones among them that are there as something else.</summary>
    public IReadOnlySet<BlockHash> Trees => _trees;

    /// <summary>Adds a block that has none below it, unless it is there.</summary>
    public void Add(in BlockHash hash)
    {
        if (_seen.Add(hash) && !isThere(hash, false))
            _needed.Add(hash);
    }

    /// <summary>Adds a block that has others below it, unless it is there with them.</summary>
    /// <returns>Whether those below it have to be added.</returns>
    public bool TryAddTree(in BlockHash hash)
    {
        if (_trees.Contains(hash) || isThere(hash, true))
            return false;
        _trees.Add(hash);
        Add(hash);
        return true;
    }

    /// <summary>Adds a tree.</summary>
    /// <param name="root">Its root, with its inode table.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlockMissingException">A block of metadata is not in the store.</exception>
    /// <exception cref="FormatInvalidException">A block of metadata is damaged.</exception>
    public async ValueTask AddTreeAsync(Dirent root, CancellationToken cancellationToken = default)
    {
        await AddEntryAsync(root, cancellationToken);
        await AddDirectoryAsync(root.Inodes, DirectoryOrder.Uuids, cancellationToken);
        while (_folders.TryPop(out var folder))
            await AddDirectoryAsync(folder, DirectoryOrder.Names, cancellationToken);
    }

    async ValueTask AddDirectoryAsync(BlockRef content, DirectoryOrder order, CancellationToken cancellationToken)
    {
        if (content.Span == 0 || !TryAddTree(content.Hash))
            return;
        var open = new Stack<(DirectoryNode Node, int Next)>();
        open.Push((await directories.Loader.LoadRootAsync(content, order, cancellationToken), 0));
        while (open.TryPop(out var top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (top.Node.Level == 0)
            {
                for (var i = 0; i < top.Node.Count; i++)
                    await AddEntryAsync(top.Node.DirentAt(i), cancellationToken);
            }
            else if (top.Next < top.Node.Count)
            {
                open.Push((top.Node, top.Next + 1));
                if (TryAddTree(top.Node.ChildAt(top.Next).Node.Hash))
                    open.Push((await directories.Loader.LoadChildAsync(top.Node, top.Next, cancellationToken), 0));
            }
        }
    }

    async ValueTask AddEntryAsync(Dirent entry, CancellationToken cancellationToken)
    {
        for (var version = entry; ;)
        {
            if (version.Metadata.Xattrs is { IsStored: true, Stored: var stored })
                Add(stored.Hash);
            if (version.Kind == DirentKind.Directory)
                _folders.Push(version.Content);
            else
                await AddContentAsync(version.Content, cancellationToken);
            if (version.Previous is not { Span: > 0, HasHash: true } previous || !TryAddTree(previous.Hash))
                return;
            version = await StoredDirents.LoadAsync(previous, directories.Store, cancellationToken);
        }
    }

    async ValueTask AddContentAsync(BlockRef content, CancellationToken cancellationToken)
    {
        if (content.Kind == BlockRefKind.Slice)
            content = content.SliceOf;
        if (content.Kind == BlockRefKind.Direct)
            Add(content.Hash);
        if (content.Kind != BlockRefKind.Indirect || !TryAddTree(content.Hash))
            return;
        var node = await _nodes.GetAsync(directories.Store, content, cancellationToken);
        for (var i = 0; i < node.Count; i++)
            await AddContentAsync(node.Children[i], cancellationToken);
    }
}
