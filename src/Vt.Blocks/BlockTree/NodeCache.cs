using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Keeps the decoded indirect blocks that were used last. Readers, splicers and walkers of any number of trees may share
/// one. Safe from any thread.
/// </summary>
public sealed class NodeCache
{
    readonly ClockCache<BlockHash, IndirectNode> _nodes;

    /// <summary>Starts empty.</summary>
    /// <param name="capacity">The most nodes that are kept; each takes 10 KiB on average and at most 41 KiB.</param>
    public NodeCache(int capacity = 64) => _nodes = new ClockCache<BlockHash, IndirectNode>(capacity);

    /// <summary>The node that an indirect reference names: from the cache, or from the store.</summary>
    /// <exception cref="BlockMissingException">The store does not have it.</exception>
    /// <exception cref="BlockCorruptException">It is not a node, or one of another level or span.</exception>
    public ValueTask<IndirectNode> GetAsync(IBlockStore store, BlockRef reference, CancellationToken cancellationToken = default)
    {
        if (_nodes.Find(reference.Hash) is not { } node)
            return LoadAsync(store, reference, cancellationToken);
        node.CheckAgainst(store, reference);
        return new ValueTask<IndirectNode>(node);
    }

    async ValueTask<IndirectNode> LoadAsync(IBlockStore store, BlockRef reference, CancellationToken cancellationToken)
    {
        var node = await IndirectNode.LoadAsync(store, reference, cancellationToken);
        _nodes.Add(reference.Hash, node);
        return node;
    }
}
