using Vt.Blocks.Contracts;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// A place in a tree: always before some reference that stands for the content from there on, the highest one that starts
/// there unless the caller went down into it. Reads only the nodes that it goes down into. Not thread safe.
/// </summary>
sealed class TreeCursor
{
    readonly IBlockStore _store;
    readonly NodeCache _cache;
    readonly BlockRef _root;
    readonly List<(IndirectNode Node, int Child, long Start)> _path = [];

    /// <summary>Stands before the whole content.</summary>
    /// <param name="store">Where the nodes are.</param>
    /// <param name="cache">Keeps nodes.</param>
    /// <param name="root">Any reference but a slice.</param>
    public TreeCursor(IBlockStore store, NodeCache cache, in BlockRef root)
    {
        _store = store;
        _cache = cache;
        _root = root;
        Restart();
    }

    /// <summary>The reference that the cursor stands before; empty at the end.</summary>
    public BlockRef Current { get; private set; }

    /// <summary>Where <see cref="Current"/> starts, in bytes from the start of the content.</summary>
    public long Offset { get; private set; }

    /// <summary>Where <see cref="Current"/> ends.</summary>
    public long End => Offset + Current.Span;

    /// <summary>Whether there is no more content.</summary>
    public bool AtEnd => Current.Span == 0;

    /// <summary>Goes back to the start, before the whole content.</summary>
    public void Restart()
    {
        _path.Clear();
        Current = _root;
        Offset = 0;
    }

    /// <summary>Goes down: before the first child of <see cref="Current"/>, which is indirect.</summary>
    public async ValueTask DescendAsync(CancellationToken cancellationToken)
    {
        var node = await _cache.GetAsync(_store, Current, cancellationToken);
        _path.Add((node, 0, Offset));
        Current = node.Children[0];
    }

    /// <summary>Goes past <see cref="Current"/>, before the highest reference that starts there.</summary>
    public void Advance()
    {
        Offset = End;
        while (_path.Count > 0)
        {
            var (node, child, start) = _path[^1];
            _path.RemoveAt(_path.Count - 1);
            if (++child == node.Count)
                continue;
            _path.Add((node, child, start));
            Current = node.Children[child];
            return;
        }

        Current = BlockRef.Empty;
    }

    /// <summary>
    /// Goes before the highest reference that starts at an offset, or down to the leaf that holds it where none starts there.
    /// </summary>
    /// <param name="offset">Bytes from the start of the content, 0 up to all of it.</param>
    /// <param name="cancellationToken">Stops the reading of nodes.</param>
    public async ValueTask SeekAsync(long offset, CancellationToken cancellationToken)
    {
        Restart();
        while (Offset < offset && !AtEnd)
        {
            if (offset >= End)
            {
                Advance();
                continue;
            }

            if (Current.Kind != BlockRefKind.Indirect)
                return;
            var node = await _cache.GetAsync(_store, Current, cancellationToken);
            var child = node.Find(offset - Offset);
            _path.Add((node, child, Offset));
            Current = node.Children[child];
            Offset += node.StartOf(child);
        }
    }

    /// <summary>Goes down until <see cref="Current"/> is a leaf, unless the cursor is at the end.</summary>
    public async ValueTask DescendToLeafAsync(CancellationToken cancellationToken)
    {
        while (Current.Kind == BlockRefKind.Indirect)
            await DescendAsync(cancellationToken);
    }
}
