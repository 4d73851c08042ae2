using System.Buffers;
using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Reads content at any offset. A read costs the nodes on its path that are not in the cache, one level after another, and
/// the leaves that it touches, in batches. Safe from any thread.
/// </summary>
/// <remarks>
/// Memory: the cache, and during a read at most 64 blocks, which together have less than 4 MiB or are a single one.
/// </remarks>
/// <exception cref="BlockMissingException">The store does not have a block that is needed.</exception>
/// <exception cref="BlockCorruptException">A block is not what the tree says, in form, level or length.</exception>
public sealed class BlockTreeReader
{
    const int MostLeaves = 64;
    const int MostLeafBytes = 4 << 20;

    readonly IBlockStore _store;
    readonly NodeCache _cache;
    readonly BlockRef _whole;
    readonly long _start;

    /// <summary>Reads nothing yet.</summary>
    /// <param name="store">Where the blocks are.</param>
    /// <param name="root">The content.</param>
    /// <param name="cache">Keeps decoded nodes; null for a small one of its own.</param>
    public BlockTreeReader(IBlockStore store, BlockRef root, NodeCache? cache = null)
    {
        _store = store;
        _cache = cache ?? new NodeCache(16);
        Root = root;
        var isSlice = root.Kind == BlockRefKind.Slice;
        _whole = isSlice ? root.SliceOf : root;
        _start = isSlice ? root.SliceOffset : 0;
    }

    /// <summary>The content's reference.</summary>
    public BlockRef Root { get; }

    /// <summary>How many bytes there are.</summary>
    public long Length => Root.Span;

    /// <summary>Reads bytes.</summary>
    /// <param name="offset">Where from, 0 or more.</param>
    /// <param name="destination">Receives them.</param>
    /// <param name="cancellationToken">Gives up; what was read until then is undefined.</param>
    /// <returns>As many bytes as fit and are there: 0 at and behind the end.</returns>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= Length)
            return 0;
        var count = (int)Math.Min(destination.Length, Length - offset);
        var at = offset + _start;
        var rest = destination[..count];
        while (!rest.IsEmpty)
        {
            var (node, start) = await FindAsync(at, cancellationToken);
            var done = node is null
                ? await CopyLeafAsync(_whole, at, rest, cancellationToken)
                : await CopyLeavesAsync(node, at - start, rest, cancellationToken);
            at += done;
            rest = rest[done..];
        }

        return count;
    }

    /// <summary>The leaves that hold a range, in order, without reading them: a plan for who reads ahead or in parallel.</summary>
    /// <param name="offset">Where the range starts, 0 or more.</param>
    /// <param name="length">How long it is; what lies behind the end is left out.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <returns>The range's extents; the first and the last are cut to the range.</returns>
    public async IAsyncEnumerable<LeafExtent> GetLeavesAsync(
        long offset, long length, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (offset >= Length || length == 0)
            yield break;
        var from = _start + offset;
        var to = _start + Math.Min(Length, length > Length - offset ? Length : offset + length);
        var cursor = new TreeCursor(_store, _cache, _whole);
        await cursor.SeekAsync(from, cancellationToken);
        while (!cursor.AtEnd && cursor.Offset < to)
        {
            await cursor.DescendToLeafAsync(cancellationToken);
            var start = Math.Max(from, cursor.Offset);
            yield return new LeafExtent(start - _start, Math.Min(to, cursor.End) - start, cursor.Current, start - cursor.Offset);
            cursor.Advance();
        }
    }

    /// <summary>The next byte at or behind an offset that is not in a hole, as lseek(2) with SEEK_DATA; no data is read.</summary>
    /// <returns>Its offset, or null where only a hole, or nothing, follows.</returns>
    public ValueTask<long?> SeekDataAsync(long offset, CancellationToken cancellationToken = default) =>
        SeekAsync(offset, hole: false, cancellationToken);

    /// <summary>
    /// The next hole at or behind an offset, as lseek(2) with SEEK_HOLE; the end of the content counts as one. Holes are
    /// runs of zero bytes. No data is read.
    /// </summary>
    /// <returns>Its offset, or null where the offset is not within the content.</returns>
    public ValueTask<long?> SeekHoleAsync(long offset, CancellationToken cancellationToken = default) =>
        SeekAsync(offset, hole: true, cancellationToken);

    async ValueTask<long?> SeekAsync(long offset, bool hole, CancellationToken cancellationToken)
    {
        if (offset < 0 || offset >= Length)
            return null;
        await foreach (var extent in GetLeavesAsync(offset, Length - offset, cancellationToken))
        {
            if (extent.IsHole == hole)
                return extent.Offset;
        }

        return hole ? Length : null;
    }

    // The node of leaves that holds an offset, and where it starts; null where the whole is one leaf.
    async ValueTask<(IndirectNode? Node, long Start)> FindAsync(long offset, CancellationToken cancellationToken)
    {
        var reference = _whole;
        IndirectNode? node = null;
        long start = 0;
        while (reference.Kind == BlockRefKind.Indirect)
        {
            if (node is not null)
                start += node.StartOf(node.Find(offset - start));
            node = await _cache.GetAsync(_store, reference, cancellationToken);
            reference = node.Children[node.Find(offset - start)];
        }

        return (node, start);
    }

    async ValueTask<int> CopyLeafAsync(BlockRef leaf, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var count = (int)Math.Min(destination.Length, leaf.Span - offset);
        if (leaf.Kind != BlockRefKind.Direct)
        {
            CopyKnown(leaf, (int)Math.Min(offset, int.MaxValue), destination.Span[..count]);
            return count;
        }

        using var block = await _store.GetAsync(leaf.Hash, cancellationToken);
        CopyBlock(leaf, block, (int)offset, destination.Span[..count]);
        return count;
    }

    // Copies from one node's leaves as much as one batch allows.
    async ValueTask<int> CopyLeavesAsync(IndirectNode node, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var first = node.Find(offset);
        var inLeaf = offset - node.StartOf(first);
        if (node.Children[first].Span - inLeaf >= destination.Length)
            return await CopyLeafAsync(node.Children[first], inLeaf, destination, cancellationToken);

        var hashes = ArrayPool<BlockHash>.Shared.Rent(MostLeaves);
        var blocks = ArrayPool<BlockLease>.Shared.Rent(MostLeaves);
        try
        {
            var (end, count) = Plan(node, first, inLeaf, destination.Length, hashes);
            await _store.GetManyAsync(hashes.AsMemory(0, count), blocks.AsMemory(0, count), cancellationToken);
            try
            {
                return CopyBatch(node.Children[first..end], inLeaf, blocks, destination.Span);
            }
            finally
            {
                foreach (var block in blocks.AsSpan(0, count))
                    block.Dispose();
            }
        }
        finally
        {
            ArrayPool<BlockHash>.Shared.Return(hashes);
            ArrayPool<BlockLease>.Shared.Return(blocks, clearArray: true);
        }
    }

    // Which children one batch takes, up to `End`, and the names of those that have blocks.
    static (int End, int Count) Plan(IndirectNode node, int first, long inLeaf, long wanted, BlockHash[] hashes)
    {
        var count = 0;
        long bytes = 0;
        var child = first;
        for (wanted += inLeaf; child < node.Count && wanted > 0; child++)
        {
            ref readonly var leaf = ref node.Children[child];
            if (leaf.Kind == BlockRefKind.Direct)
            {
                if (count == MostLeaves || (count > 0 && bytes + leaf.Span > MostLeafBytes))
                    break;
                bytes += leaf.Span;
                hashes[count++] = leaf.Hash;
            }

            wanted -= leaf.Span;
        }

        return (child, count);
    }

    int CopyBatch(ReadOnlySpan<BlockRef> leaves, long inLeaf, ReadOnlySpan<BlockLease> blocks, Span<byte> destination)
    {
        var done = 0;
        var next = 0;
        foreach (ref readonly var leaf in leaves)
        {
            var part = destination.Slice(done, (int)Math.Min(leaf.Span - inLeaf, destination.Length - done));
            if (leaf.Kind == BlockRefKind.Direct)
                CopyBlock(leaf, blocks[next++], (int)inLeaf, part);
            else
                CopyKnown(leaf, (int)Math.Min(inLeaf, int.MaxValue), part);
            done += part.Length;
            inLeaf = 0;
        }

        return done;
    }

    void CopyBlock(in BlockRef leaf, in BlockLease block, int offset, Span<byte> destination)
    {
        LeafBlock.Check(_store, leaf, block);
        block.Span.Slice(offset, destination.Length).CopyTo(destination);
    }

    static void CopyKnown(in BlockRef leaf, int offset, Span<byte> destination)
    {
        if (leaf.Kind == BlockRefKind.Run)
            destination.Fill(leaf.RunByte);
        else
            leaf.LiteralBytes.Span.Slice(offset, destination.Length).CopyTo(destination);
    }
}
