using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Builds the indirect blocks over a sequence of references. It does no I/O: finished blocks gather in a buffer until the
/// caller stores them, and content of a single leaf needs none. Not thread safe.
/// </summary>
/// <remarks>
/// Equal sequences give equal trees. Memory is one unfinished node a level (at most 68 KiB each, typically two or three levels) and
/// what was finished since <see cref="ClearBlocks"/>; all of it is kept for the next tree, nothing is allocated for a child.
/// </remarks>
public sealed class NodeAssembler : IDisposable
{
    readonly BlockHasher _hasher;
    readonly ByteWriter _finished = new(16 << 10);
    readonly Level?[] _levels = new Level?[BlockRef.DeepestLevel + 2];
    BlockSlot[] _slots = new BlockSlot[16];
    int _slotCount;

    /// <summary>Starts without children.</summary>
    /// <param name="hasher">Names the blocks.</param>
    public NodeAssembler(BlockHasher hasher) => _hasher = hasher;

    /// <summary>The bytes of all finished blocks; valid until the next append.</summary>
    public ReadOnlyMemory<byte> Buffer => _finished.WrittenMemory;

    /// <summary>The finished blocks in <see cref="Buffer"/>, children before parents; valid until the next append.</summary>
    public ReadOnlyMemory<BlockSlot> Blocks => _slots.AsMemory(0, _slotCount);

    /// <summary>How many bytes of content the children so far stand for.</summary>
    public long Span { get; private set; }

    /// <summary>
    /// How many bytes of content lie in holes, of the children so far: leaves that are runs of zero. Subtrees are not looked into.
    /// </summary>
    public long HoleSpan { get; private set; }

    /// <summary>
    /// Whether a reference of a level may come next: no node below it is under way. Leaves (level 0) always may.
    /// </summary>
    public bool CanAppend(int level)
    {
        for (var below = 1; below <= level; below++)
        {
            if (_levels[below] is { Count: > 0 })
                return false;
        }

        return true;
    }

    /// <summary>Takes the next leaf, or a whole subtree where <see cref="CanAppend"/> allows it. Empty ones are left out.</summary>
    /// <exception cref="ArgumentException">The reference is a slice: those are no part of a tree.</exception>
    /// <exception cref="InvalidOperationException">A node below the subtree's level is under way.</exception>
    public void Append(in BlockRef child)
    {
        if (child.Kind == BlockRefKind.Slice)
            throw new ArgumentException("a slice can't be a child", nameof(child));
        if (child.Span == 0)
            return;
        var level = child.Kind == BlockRefKind.Indirect ? child.Level : 0;
        if (!CanAppend(level))
            throw new InvalidOperationException($"a reference of level {level} can't stand here");
        for (var below = 1; below <= level; below++)
            LevelAt(below).HasNodes = true;
        Span = checked(Span + child.Span);
        if (child is { Kind: BlockRefKind.Run, RunByte: 0 })
            HoleSpan += child.Span;
        AppendAt(level + 1, child);
    }

    /// <summary>
    /// Finishes all nodes and gives the reference to all content, then forgets the children; the finished blocks stay until
    /// <see cref="ClearBlocks"/>.
    /// </summary>
    public BlockRef Complete()
    {
        var root = BlockRef.Empty;
        for (var number = 1; number < _levels.Length; number++)
        {
            if (_levels[number] is not { } level || (level.Count == 0 && !level.HasNodes))
                break;
            if (!level.HasNodes && level.Count == 1)
            {
                root = level.Only;
                break;
            }

            if (level.Count > 0)
                FinishNode(number, level);
        }

        Reset();
        return root;
    }

    /// <summary>Forgets the finished blocks, which the caller has stored.</summary>
    public void ClearBlocks()
    {
        _finished.Clear();
        _slotCount = 0;
    }

    /// <summary>Stores the finished blocks and forgets them. Their children must have been stored before.</summary>
    public async ValueTask<AddCounts> StoreBlocksAsync(IBlockStore store, CancellationToken cancellationToken = default)
    {
        if (_slotCount == 0)
            return default;
        var counts = await store.AddManyAsync(Buffer, Blocks, cancellationToken);
        ClearBlocks();
        return counts;
    }

    /// <summary>Forgets the children; finished blocks stay.</summary>
    public void Reset()
    {
        Span = HoleSpan = 0;
        foreach (var level in _levels)
            level?.Reset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _finished.Dispose();
        foreach (var level in _levels)
            level?.Dispose();
    }

    Level LevelAt(int number) => _levels[number] ??= new Level();

    void AppendAt(int number, in BlockRef child)
    {
        var level = LevelAt(number);

        // One reference above the deepest level is the root; canonical trees of 63-bit content never get near.
        if (number > BlockRef.DeepestLevel && (level.Count > 0 || level.HasNodes))
            throw new FormatInvalidException($"a tree would be deeper than {BlockRef.DeepestLevel} levels");
        var start = level.Children.Length;
        child.Write(level.Children);
        level.Count++;
        level.Span += child.Span;
        if (level.Count == 1)
            level.Only = child;
        if (NodeCutRule.EndsBehind(level.Count, level.Children.Written[start..]))
            FinishNode(number, level);
    }

    void FinishNode(int number, Level level)
    {
        var start = _finished.Length;
        IndirectNode.Write(_finished, number, level.Count, level.Children.Written);
        var length = _finished.Length - start;
        var hash = _hasher.Hash(_finished.Written[start..]);
        if (_slotCount == _slots.Length)
            Array.Resize(ref _slots, _slots.Length * 2);
        _slots[_slotCount++] = new BlockSlot(hash, start, length, BlockContent.Tree);
        var node = BlockRef.Indirect(hash, level.Span, number);
        level.Reset();
        level.HasNodes = true;
        AppendAt(number + 1, node);
    }

    // The node that is under way at a level.
    sealed class Level : IDisposable
    {
        public readonly ByteWriter Children = new(4 << 10);
        public BlockRef Only;
        public int Count;
        public long Span;

        // Whether the level has nodes already, so that this one is not the root.
        public bool HasNodes;

        public void Reset()
        {
            Children.Clear();
            Count = 0;
            Span = 0;
            Only = default;
            HasNodes = false;
        }

        public void Dispose() => Children.Dispose();
    }
}
