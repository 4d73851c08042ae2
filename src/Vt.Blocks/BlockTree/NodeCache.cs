using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Keeps the decoded indirect blocks that were used last. Readers, splicers and walkers of any number of trees may share
/// one. Safe from any thread.
/// </summary>
public sealed class NodeCache
{
    // Guards all fields below. A clock: each slot's use bit gives it one more round.
    readonly Lock _gate = new();
    readonly Dictionary<BlockHash, int> _slotOf;
    readonly (BlockHash Hash, IndirectNode Node, bool Used)[] _slots;
    int _count;
    int _hand;

    /// <summary>Starts empty.</summary>
    /// <param name="capacity">The most nodes that are kept; each takes 10 KiB on average and at most 41 KiB.</param>
    public NodeCache(int capacity = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _slots = new (BlockHash, IndirectNode, bool)[capacity];
        _slotOf = new Dictionary<BlockHash, int>(capacity);
    }

    /// <summary>The node that an indirect reference names: from the cache, or from the store.</summary>
    /// <exception cref="BlockMissingException">The store does not have it.</exception>
    /// <exception cref="BlockCorruptException">It is not a node, or one of another level or span.</exception>
    public ValueTask<IndirectNode> GetAsync(IBlockStore store, BlockRef reference, CancellationToken cancellationToken = default)
    {
        if (!TryGet(reference.Hash, out var node))
            return LoadAsync(store, reference, cancellationToken);
        node.CheckAgainst(store, reference);
        return new ValueTask<IndirectNode>(node);
    }

    async ValueTask<IndirectNode> LoadAsync(IBlockStore store, BlockRef reference, CancellationToken cancellationToken)
    {
        var node = await IndirectNode.LoadAsync(store, reference, cancellationToken);
        Keep(reference.Hash, node);
        return node;
    }

    bool TryGet(in BlockHash hash, out IndirectNode node)
    {
        lock (_gate)
        {
            if (_slotOf.TryGetValue(hash, out var slot))
            {
                _slots[slot].Used = true;
                node = _slots[slot].Node;
                return true;
            }
        }

        node = null!;
        return false;
    }

    void Keep(in BlockHash hash, IndirectNode node)
    {
        lock (_gate)
        {
            if (_slotOf.ContainsKey(hash))
                return;
            var slot = _count < _slots.Length ? _count++ : Evict();
            _slots[slot] = (hash, node, false);
            _slotOf.Add(hash, slot);
        }
    }

    int Evict()
    {
        while (_slots[_hand].Used)
        {
            _slots[_hand].Used = false;
            _hand = (_hand + 1) % _slots.Length;
        }

        var slot = _hand;
        _hand = (_hand + 1) % _slots.Length;
        _slotOf.Remove(_slots[slot].Hash);
        return slot;
    }
}
