using Vt.Blocks.Contracts;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Makes content out of pieces of other content and new bytes. The law: the result is the very reference that writing the
/// same bytes afresh gives, as long as the pieces were made with the same cut rule and hash algorithm; pieces made otherwise
/// give the right content all the same.
/// </summary>
/// <remarks>
/// <para>
/// Why it holds: a cut depends on the bytes since the cut before it and on the <see cref="IChunkCutter.Lookahead"/> bytes behind it. So a
/// leaf of the old tree may be taken over wherever the content before it ends in a cut, and it ends at least that far before
/// the end of its piece (or is followed by the same end of content). Nodes are cut by their children alone, so the same goes for
/// them wherever a node of their level starts.
/// </para>
/// <para>
/// Cost: at each seam the nodes on the path to it, the leaves from the one that holds the byte 4 KiB before it, and those
/// behind it until the cuts agree again, typically two or three and 4 KiB; new are those leaves and the
/// nodes above them. Content whose cuts never agree again (such as one long repetition) costs what is left of it.
/// Runs of any length cost one leaf.
/// </para>
/// <para>Memory: one <see cref="BlockTreeWriter"/> during a call, without workers unless the options say otherwise. Safe from
/// any thread.</para>
/// </remarks>
public sealed class BlockTreeSplicer
{
    readonly IBlockStore _store;
    readonly IChunkCutter _rule;
    readonly NodeCache _cache;
    readonly BlockTreeWriterOptions _options;

    /// <summary>Prepares for any number of splices.</summary>
    /// <param name="store">Holds the old content and receives the new.</param>
    /// <param name="rule">How content is cut; the same as the old content was.</param>
    /// <param name="cache">Keeps decoded nodes; null for a small one of its own.</param>
    /// <param name="options">How new bytes are written; null for what suits small edits.</param>
    public BlockTreeSplicer(IBlockStore store, IChunkCutter rule, NodeCache? cache = null, BlockTreeWriterOptions? options = null)
    {
        _store = store;
        _rule = rule;
        _cache = cache ?? new NodeCache(32);
        _options = options ?? new BlockTreeWriterOptions { BatchBytes = 256 << 10 };
    }

    /// <summary>Replaces a range: overwrites, inserts, deletes, appends and truncates.</summary>
    /// <param name="root">The old content.</param>
    /// <param name="offset">Where the range starts; beyond the end, a hole of zero bytes fills the gap.</param>
    /// <param name="removed">How many bytes go; what lies beyond the end does not count.</param>
    /// <param name="replacement">What comes there.</param>
    /// <param name="cancellationToken">Gives up; blocks that were stored until then stay.</param>
    public ValueTask<BlockRef> SpliceAsync(
        BlockRef root, long offset, long removed, ContentPiece replacement, CancellationToken cancellationToken = default) =>
        SpliceAsync(root, offset, removed, [replacement], cancellationToken);

    /// <summary>Replaces a range by several pieces, one after another.</summary>
    /// <inheritdoc cref="SpliceAsync(BlockRef, long, long, ContentPiece, CancellationToken)"/>
    public ValueTask<BlockRef> SpliceAsync(
        BlockRef root, long offset, long removed, IEnumerable<ContentPiece> replacement, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(removed);
        var before = Math.Min(offset, root.Span);
        var after = removed > root.Span - before ? root.Span : before + removed;
        return ComposeAsync(
            [
                ContentPiece.Of(root, 0, before),
                ContentPiece.Of(BlockRef.Run(0, offset - before)),
                .. replacement,
                ContentPiece.Of(root, after, root.Span - after),
            ],
            cancellationToken);
    }

    /// <summary>Makes content of pieces, one after another; the way to apply many edits at once.</summary>
    /// <param name="pieces">The pieces; enumerated once.</param>
    /// <param name="cancellationToken">Gives up; blocks that were stored until then stay.</param>
    public async ValueTask<BlockRef> ComposeAsync(IEnumerable<ContentPiece> pieces, CancellationToken cancellationToken = default) =>
        (await ComposeCountingAsync(pieces, cancellationToken)).Content;

    /// <summary>
    /// Makes content of pieces, and counts how many of its bytes lie in holes outside the subtrees that were taken over: all that there are
    /// where the pieces' contents have no holes.
    /// </summary>
    /// <inheritdoc cref="ComposeAsync"/>
    public async ValueTask<(BlockRef Content, long NewHoleSpan)> ComposeCountingAsync(
        IEnumerable<ContentPiece> pieces, CancellationToken cancellationToken = default)
    {
        await using var writer = new BlockTreeWriter(_store, _rule, _options);
        var taken = BlockRef.Empty;
        ContentPiece? waiting = null;
        foreach (var piece in pieces)
        {
            if (piece.Length == 0)
                continue;
            if (waiting is { } earlier)
            {
                if (earlier.TryJoin(piece, out var both))
                {
                    waiting = both;
                    continue;
                }

                taken = await AppendAsync(writer, earlier, isLast: false, taken, cancellationToken);
            }

            waiting = piece;
        }

        if (waiting is { } last)
            taken = await AppendAsync(writer, last, isLast: true, taken, cancellationToken);
        var root = await writer.CompleteAsync(cancellationToken);
        return (root == taken ? await UnwrapAsync(root, cancellationToken) : root, writer.HoleSpan);
    }

    // Returns the last reference that was taken over as it is, by this or an earlier piece.
    async ValueTask<BlockRef> AppendAsync(
        BlockTreeWriter writer, ContentPiece piece, bool isLast, BlockRef taken, CancellationToken cancellationToken)
    {
        if (piece.IsRange)
            return await AppendRangeAsync(writer, piece, isLast, taken, cancellationToken);
        if (piece.Read is not { } read)
        {
            await writer.WriteAsync(piece.Bytes, cancellationToken);
            return taken;
        }

        for (long at = 0; at < piece.Length;)
        {
            var free = writer.GetMemory();
            var count = (int)Math.Min(free.Length, piece.Length - at);
            await read(at, free[..count], cancellationToken);
            await writer.AdvanceAsync(count, cancellationToken);
            at += count;
        }

        return taken;
    }

    async ValueTask<BlockRef> AppendRangeAsync(
        BlockTreeWriter writer, ContentPiece piece, bool isLast, BlockRef taken, CancellationToken cancellationToken)
    {
        var from = piece.Offset;
        var to = from + piece.Length;
        var shift = writer.Position - from;

        // Nothing that ends behind this may be taken over: what follows it is not what followed it before.
        var limit = isLast && to == piece.Whole.Span ? to : to - IChunkCutter.Lookahead;

        // Of so few equal bytes no writer makes a run: they are bytes like any others.
        if (piece.Whole is { Kind: BlockRefKind.Run, Span: < IChunkCutter.MinimumRun })
            limit = from;
        var written = new Queue<(long Start, long End)>();
        var cursor = new TreeCursor(_store, _cache, piece.Whole);
        await cursor.SeekAsync(from, cancellationToken);
        while (cursor.Offset < to)
        {
            var current = cursor.Current;
            var level = current.Kind == BlockRefKind.Indirect ? current.Level : 0;
            if (cursor.Offset >= from && cursor.End <= limit && await writer.CanAppendAsync(level, cancellationToken))
            {
                await writer.AppendAsync(current, cancellationToken);
                taken = current;
                cursor.Advance();
                continue;
            }

            if (level > 0)
            {
                await cursor.DescendAsync(cancellationToken);
                continue;
            }

            var start = Math.Max(from, cursor.Offset);
            await WriteLeafAsync(writer, current, start - cursor.Offset, Math.Min(to, cursor.End) - start, cancellationToken);
            if (cursor.Offset >= from)
                written.Enqueue((cursor.Offset, cursor.End));
            cursor.Advance();
            writer.CutEarly();

            // Where the last cut stands before a leaf, what was written behind it goes, and that leaf can be taken over.
            var cut = writer.CutPosition - shift;
            while (written.TryPeek(out var leaf) && leaf.Start < cut)
                written.Dequeue();
            if (written.TryPeek(out var next) && next.Start == cut && next.End <= limit)
            {
                writer.DropWaiting();
                written.Clear();
                await cursor.SeekAsync(cut, cancellationToken);
            }
        }

        return taken;
    }

    async ValueTask WriteLeafAsync(BlockTreeWriter writer, BlockRef leaf, long offset, long count, CancellationToken cancellationToken)
    {
        switch (leaf.Kind)
        {
            case BlockRefKind.Run:
                await writer.WriteRunAsync(leaf.RunByte, count, cancellationToken);
                break;
            case BlockRefKind.Literal:
                await writer.WriteAsync(leaf.LiteralBytes.Slice((int)offset, (int)count), cancellationToken);
                break;
            default:
                using (var block = await _store.GetAsync(leaf.Hash, cancellationToken))
                {
                    LeafBlock.Check(_store, leaf, block);
                    await writer.WriteAsync(block.Memory.Slice((int)offset, (int)count), cancellationToken);
                }

                break;
        }
    }

    // A tree's last node may have one child; where all that stood before it is gone, that child is the root.
    async ValueTask<BlockRef> UnwrapAsync(BlockRef root, CancellationToken cancellationToken)
    {
        while (root.Kind == BlockRefKind.Indirect)
        {
            var node = await _cache.GetAsync(_store, root, cancellationToken);
            if (node.Count > 1)
                break;
            root = node.Children[0];
        }

        return root;
    }
}
