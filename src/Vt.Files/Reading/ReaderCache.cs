using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;

namespace Vt.Files.Reading;

/// <summary>The readers of the files that were read last, so that reads need no open file to belong to.</summary>
/// <typeparam name="TKey">What names a file or its content. A key stands for one content as long as it is kept.</typeparam>
/// <param name="store">Where the blocks are.</param>
/// <param name="budget">What all readers together may read ahead.</param>
/// <param name="nodes">Keeps decoded nodes for all readers; null for a small cache for each.</param>
sealed class ReaderCache<TKey>(IBlockStore store, ReadAheadBudget budget, NodeCache? nodes = null) : IDisposable
    where TKey : notnull
{
    const int Most = 64;

    // Guards both.
    readonly Lock _gate = new();
    readonly Dictionary<TKey, LinkedListNode<(TKey Key, ContentReader Reader)>> _byKey = [];
    readonly LinkedList<(TKey Key, ContentReader Reader)> _byUse = [];

    /// <summary>A file's reader if it is kept.</summary>
    public ContentReader? Find(TKey key)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var kept))
                return null;
            _byUse.Remove(kept);
            _byUse.AddFirst(kept);
            return kept.Value.Reader;
        }
    }

    /// <summary>A file's reader, made if need be.</summary>
    public ContentReader Open(TKey key, BlockRef content)
    {
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out var kept))
                return kept.Value.Reader;
            if (_byUse.Count == Most)
                Drop(_byUse.Last!);
            var tree = new BlockTreeReader(store, content, nodes);
            var reader = new ContentReader(tree.Length, tree.ReadAsync, budget);
            _byKey.Add(key, _byUse.AddFirst((key, reader)));
            return reader;
        }
    }

    /// <summary>Lets a file's reader go, since nobody knows the file any more.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out var kept))
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

    void Drop(LinkedListNode<(TKey Key, ContentReader Reader)> kept)
    {
        _byKey.Remove(kept.Value.Key);
        _byUse.Remove(kept);
        kept.Value.Reader.Dispose();
    }
}
