using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Directories;

/// <summary>
/// Keeps nodes that were read lately, up to a number of bytes; what was used longest ago goes first. Nodes never change, so
/// one cache serves every reader of every store whose blocks have the same hashes. Safe from any thread.
/// </summary>
public sealed class DirectoryNodeCache
{
    /// <summary>What a cache keeps unless it is told otherwise: 16 MiB.</summary>
    public const long DefaultBytes = 16 << 20;

    // Guards everything below.
    readonly Lock _nodesLock = new();
    readonly Dictionary<BlockHash, LinkedListNode<(BlockHash Hash, DirectoryNode Node)>> _nodes = [];
    readonly LinkedList<(BlockHash Hash, DirectoryNode Node)> _byUse = new();
    readonly long _budget;
    long _bytes;
    long _hits;
    long _misses;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="bytes">About how much memory the nodes may take.</param>
    public DirectoryNodeCache(long bytes = DefaultBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _budget = bytes;
    }

    /// <summary>About how much memory the nodes take now, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_nodesLock)
                return _bytes;
        }
    }

    /// <summary>What it has been good for.</summary>
    public CacheFigures Figures
    {
        get
        {
            lock (_nodesLock)
                return new CacheFigures("directories", _hits, _misses, _bytes);
        }
    }

    internal DirectoryNode? Find(in BlockHash hash)
    {
        lock (_nodesLock)
        {
            if (!_nodes.TryGetValue(hash, out var link))
            {
                _misses++;
                return null;
            }

            _hits++;
            if (link != _byUse.First)
            {
                _byUse.Remove(link);
                _byUse.AddFirst(link);
            }

            return link.Value.Node;
        }
    }

    internal void Add(in BlockHash hash, DirectoryNode node)
    {
        lock (_nodesLock)
        {
            if (node.Weight > _budget || _nodes.ContainsKey(hash))
                return;
            _nodes.Add(hash, _byUse.AddFirst((hash, node)));
            _bytes += node.Weight;
            while (_bytes > _budget && _byUse.Last is { } oldest)
            {
                _byUse.RemoveLast();
                _nodes.Remove(oldest.Value.Hash);
                _bytes -= oldest.Value.Node.Weight;
            }
        }
    }
}
