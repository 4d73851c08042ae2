using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Files.Inodes;

namespace Vt.Files.Reading;

/// <summary>The readers of the files that were read last, so that reads need no open file to belong to.</summary>
sealed class ReaderCache(IBlockStore store, ReadAheadBudget budget) : IDisposable
{
    const int Most = 64;

    // Guards both.
    readonly Lock _gate = new();
    readonly Dictionary<NodeId, LinkedListNode<(NodeId Node, ContentReader Reader)>> _byNode = [];
    readonly LinkedList<(NodeId Node, ContentReader Reader)> _byUse = [];

    /// <summary>A node's reader if it is kept.</summary>
    public ContentReader? Find(NodeId node)
    {
        lock (_gate)
        {
            if (!_byNode.TryGetValue(node, out var kept))
                return null;
            _byUse.Remove(kept);
            _byUse.AddFirst(kept);
            return kept.Value.Reader;
        }
    }

    /// <summary>A node's reader, made if need be.</summary>
    public ContentReader Open(NodeId node, BlockRef content)
    {
        lock (_gate)
        {
            if (_byNode.TryGetValue(node, out var kept))
                return kept.Value.Reader;
            if (_byUse.Count == Most)
                Drop(_byUse.Last!);
            var reader = new ContentReader(new BlockTreeReader(store, content), budget);
            _byNode.Add(node, _byUse.AddFirst((node, reader)));
            return reader;
        }
    }

    /// <summary>Lets a node's reader go, since nobody knows the node any more.</summary>
    public void Forget(NodeId node)
    {
        lock (_gate)
        {
            if (_byNode.TryGetValue(node, out var kept))
                Drop(kept);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            while (_byUse.Last is { } last)
                Drop(last);
        }
    }

    void Drop(LinkedListNode<(NodeId Node, ContentReader Reader)> kept)
    {
        _byNode.Remove(kept.Value.Node);
        _byUse.Remove(kept);
        kept.Value.Reader.Dispose();
    }
}
