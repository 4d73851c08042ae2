using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Sync;

/// <summary>What trees are made of, as items of a transfer.</summary>
/// <param name="store">Where blocks are read that are looked into.</param>
public sealed class TreeItems(IBlockStore store)
{
    readonly DirectoryReader _directories = new(store, new DirectoryNodeCache());
    readonly NodeCache _nodes = new();

    /// <summary>Adds what a tree's root leads to.</summary>
    /// <param name="root">The root, with its inode table.</param>
    /// <param name="below">Takes the items.</param>
    public void AddTree(Dirent root, ICollection<TransferItem> below)
    {
        AddEntry(root, below);
        AddDirectory(root.Inodes, DirectoryOrder.Uuids, below);
    }

    /// <summary>Adds what a block leads to of which nothing is known but its bytes.</summary>
    /// <param name="bytes">The block; kept.</param>
    /// <param name="below">Takes the items; none where the block is data.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask AddUnknownAsync(byte[] bytes, ICollection<TransferItem> below, CancellationToken cancellationToken)
    {
        if (TryRead(bytes) is { } directory)
            AddNode(directory, below);
        else if (TryReadIndirect(bytes) is { } node)
            AddChildren(node, below);
        else
            await AddIfDirentAsync(bytes, below, cancellationToken);
    }

    static DirectoryNode? TryRead(byte[] bytes)
    {
        try
        {
            return DirectoryNode.Decode(bytes);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    static IndirectNode? TryReadIndirect(byte[] bytes)
    {
        try
        {
            return IndirectNode.Read(bytes);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    void AddEntry(Dirent entry, ICollection<TransferItem> below)
    {
        if (entry.Metadata.Xattrs is { IsStored: true, Stored: var stored })
            below.Add(new TransferItem(stored.Hash, Span: stored.Span));
        if (entry.Kind == DirentKind.Directory)
            AddDirectory(entry.Content, DirectoryOrder.Names, below);
        else
            AddContent(entry.Content, below);
        if (entry.Previous is { Span: > 0, HasHash: true } previous)
        {
            below.Add(new TransferItem(previous.Hash, async (deeper, cancellationToken) =>
                AddEntry(await StoredDirents.LoadAsync(previous, store, cancellationToken), deeper)));
        }
    }

    void AddDirectory(BlockRef content, DirectoryOrder order, ICollection<TransferItem> below)
    {
        if (content.Span == 0)
            return;
        below.Add(new TransferItem(content.Hash, async (deeper, cancellationToken) =>
            AddNode(await _directories.Loader.LoadRootAsync(content, order, cancellationToken), deeper)));
    }

    void AddNode(DirectoryNode node, ICollection<TransferItem> below)
    {
        for (var i = 0; i < node.Count; i++)
        {
            if (node.Level == 0)
            {
                AddEntry(node.DirentAt(i), below);
                continue;
            }

            var index = i;
            below.Add(new TransferItem(node.ChildAt(i).Node.Hash, async (deeper, cancellationToken) =>
                AddNode(await _directories.Loader.LoadChildAsync(node, index, cancellationToken), deeper)));
        }
    }

    void AddContent(BlockRef content, ICollection<TransferItem> below)
    {
        if (content.Kind == BlockRefKind.Slice)
            content = content.SliceOf;
        if (content.Kind == BlockRefKind.Direct)
            below.Add(new TransferItem(content.Hash, Span: content.Span));
        if (content.Kind != BlockRefKind.Indirect)
            return;
        below.Add(new TransferItem(content.Hash, async (deeper, cancellationToken) =>
        {
            var node = await _nodes.GetAsync(store, content, cancellationToken);
            AddChildren(node, deeper);
        }, content.Span));
    }

    void AddChildren(IndirectNode node, ICollection<TransferItem> below)
    {
        for (var i = 0; i < node.Count; i++)
            AddContent(node.Children[i], below);
    }

    // A dirent in a block of its own begins with nothing that tells it. What only looks like one leads to blocks that nobody has.
    async ValueTask AddIfDirentAsync(byte[] bytes, ICollection<TransferItem> below, CancellationToken cancellationToken)
    {
        var found = new List<TransferItem>();
        try
        {
            AddEntry(Dirent.Decode(bytes), found);
        }
        catch (FormatInvalidException)
        {
            return;
        }

        var present = new bool[found.Count];
        await store.ContainsManyAsync(found.ConvertAll(static item => item.Hash).ToArray(), present, cancellationToken);
        if (!Array.TrueForAll(present, static isPresent => isPresent))
            return;
        foreach (var item in found)
            below.Add(item);
    }
}
