using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Directories;

/// <summary>Brings nodes from the store, through the cache. Safe from any thread.</summary>
sealed class NodeLoader(IBlockStore store, DirectoryNodeCache cache)
{
    /// <summary>How many nodes are asked for at once when a directory is read through.</summary>
    public const int Ahead = 16;

    /// <summary>Loads a root node, whose level is not known beforehand.</summary>
    public async ValueTask<DirectoryNode> LoadRootAsync(BlockRef root, DirectoryOrder order, CancellationToken cancellationToken)
    {
        if (root.Kind != BlockRefKind.Direct)
            throw new FormatInvalidException($"a directory's content is a block, but this is {root}");
        var node = cache.Find(root.Hash) ?? await FetchAsync(root, cancellationToken);
        if (node.Order != order)
            throw new FormatInvalidException($"node {root.Hash} is ordered by {node.Order}, not by {order}");
        return node;
    }

    /// <summary>A child, where the cache has it.</summary>
    public DirectoryNode? FindChild(DirectoryNode parent, int index)
    {
        var child = parent.ChildAt(index);
        return cache.Find(child.Node.Hash) is { } node ? Checked(parent, child, node) : null;
    }

    /// <summary>Loads a child and checks that it is what its parent says.</summary>
    public ValueTask<DirectoryNode> LoadChildAsync(DirectoryNode parent, int index, CancellationToken cancellationToken)
    {
        var child = parent.ChildAt(index);
        return cache.Find(child.Node.Hash) is { } node
            ? ValueTask.FromResult(Checked(parent, child, node))
            : FetchChildAsync(parent, child, cancellationToken);
    }

    /// <summary>Loads neighbouring children with one request for those that the cache hasn't.</summary>
    /// <param name="parent">The node above them.</param>
    /// <param name="first">The first child's index.</param>
    /// <param name="count">How many.</param>
    /// <param name="keep">Whether the cache is to keep them.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<DirectoryNode[]> LoadChildrenAsync(DirectoryNode parent, int first, int count, bool keep, CancellationToken cancellationToken)
    {
        var children = new NodeChild[count];
        for (var i = 0; i < count; i++)
            children[i] = parent.ChildAt(first + i);
        var nodes = await LoadManyAsync(Array.ConvertAll(children, static child => child.Node), keep, cancellationToken);
        for (var i = 0; i < count; i++)
            Checked(parent, children[i], nodes[i]);
        return nodes;
    }

    /// <summary>Loads any nodes with one request for those that the cache hasn't.</summary>
    public async ValueTask<DirectoryNode[]> LoadManyAsync(BlockRef[] refs, bool keep, CancellationToken cancellationToken)
    {
        var nodes = new DirectoryNode?[refs.Length];
        var absent = new List<int>();
        for (var i = 0; i < refs.Length; i++)
        {
            nodes[i] = cache.Find(refs[i].Hash);
            if (nodes[i] is null)
                absent.Add(i);
        }

        if (absent.Count > 0)
        {
            var hashes = new BlockHash[absent.Count];
            for (var i = 0; i < hashes.Length; i++)
                hashes[i] = refs[absent[i]].Hash;
            var leases = new BlockLease[hashes.Length];
            await store.GetManyAsync(hashes, leases, cancellationToken);
            TakeAll(refs, absent, leases, nodes, keep);
        }

        return nodes!;
    }

    void TakeAll(BlockRef[] refs, List<int> absent, BlockLease[] leases, DirectoryNode?[] nodes, bool keep)
    {
        try
        {
            for (var i = 0; i < leases.Length; i++)
                nodes[absent[i]] = Take(refs[absent[i]], leases[i], keep);
        }
        finally
        {
            foreach (var lease in leases)
                lease.Dispose();
        }
    }

    async ValueTask<DirectoryNode> FetchChildAsync(DirectoryNode parent, NodeChild child, CancellationToken cancellationToken) =>
        Checked(parent, child, await FetchAsync(child.Node, cancellationToken));

    async ValueTask<DirectoryNode> FetchAsync(BlockRef node, CancellationToken cancellationToken)
    {
        using var lease = await store.GetAsync(node.Hash, cancellationToken);
        return Take(node, lease, keep: true);
    }

    DirectoryNode Take(in BlockRef content, in BlockLease lease, bool keep)
    {
        if (!lease.IsPresent)
            throw new BlockMissingException(content.Hash, store.Description);
        try
        {
            if (lease.Memory.Length != content.Span)
                throw new FormatInvalidException($"the node has {lease.Memory.Length} bytes, not {content.Span}");
            var node = DirectoryNode.Decode(lease.Memory.ToArray());
            if (keep)
                cache.Add(content.Hash, node);
            return node;
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In($"directory node {content.Hash}");
        }
    }

    // Levels must fall on the way down, or a made-up node could lead a reader in circles.
    static DirectoryNode Checked(DirectoryNode parent, in NodeChild child, DirectoryNode node)
    {
        if (node.Level != parent.Level - 1
            || node.Order != parent.Order
            || node.Entries != child.Entries
            || node.Subdirectories != child.Subdirectories
            || !node.KeySpanAt(node.Count - 1).SequenceEqual(child.LastKey.Span))
            throw new FormatInvalidException($"directory node {child.Node.Hash} is not what the node above it says");
        return node;
    }
}
