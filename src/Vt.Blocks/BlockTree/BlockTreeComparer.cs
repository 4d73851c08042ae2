using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Finds where two contents differ, byte by byte at the same offsets, as cmp(1) does. Equal references at the same offset
/// are passed over at whatever level they stand; read are only the nodes that differ and the leaves that overlap other leaves. Safe from
/// any thread.
/// </summary>
/// <remarks>Memory: a small cache of nodes for each side, two leaves, and two paths.</remarks>
public sealed class BlockTreeComparer
{
    readonly IBlockStore _left;
    readonly IBlockStore _right;
    readonly NodeCache _leftNodes;
    readonly NodeCache _rightNodes;

    /// <summary>Prepares for any number of comparisons.</summary>
    /// <param name="left">Holds the one content.</param>
    /// <param name="right">Holds the other; may be the same store.</param>
    public BlockTreeComparer(IBlockStore left, IBlockStore right)
    {
        _left = left;
        _right = right;
        _leftNodes = new NodeCache(32);
        _rightNodes = ReferenceEquals(left, right) ? _leftNodes : new NodeCache(32);
    }

    /// <summary>The ranges that differ, in order. Where one content is longer, its rest differs.</summary>
    /// <param name="left">The one content.</param>
    /// <param name="right">The other.</param>
    /// <param name="mergeWithin">Ranges with at most this many equal bytes between them come as one; 0 gives them to the byte.</param>
    /// <param name="cancellationToken">Stops the comparison.</param>
    public async IAsyncEnumerable<DifferingRange> CompareAsync(
        BlockRef left, BlockRef right, long mergeWithin = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mergeWithin);
        var open = default(DifferingRange);
        await foreach (var found in FindAsync(left, right, cancellationToken))
        {
            if (open.Length > 0 && found.Offset - open.End <= mergeWithin)
            {
                open = open with { Length = found.End - open.Offset };
                continue;
            }

            if (open.Length > 0)
                yield return open;
            open = found;
        }

        if (open.Length > 0)
            yield return open;
    }

    async IAsyncEnumerable<DifferingRange> FindAsync(
        BlockRef left, BlockRef right, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var both = Math.Min(left.Span, right.Span);
        using var a = new Side(_left, _leftNodes, left);
        using var b = new Side(_right, _rightNodes, right);
        var ranges = new List<DifferingRange>();
        await a.StartAsync(cancellationToken);
        await b.StartAsync(cancellationToken);
        for (long at = 0; at < both;)
        {
            var areSame = a.Start == b.Start && a.Current == b.Current;
            if (!areSame && (a.Level > 0 || b.Level > 0))
            {
                // The higher side goes down, so that both come by what they share.
                await (a.Level >= b.Level ? a : b).DescendAsync(at, cancellationToken);
                continue;
            }

            var end = Math.Min(both, Math.Min(a.End, b.End));
            if (!areSame)
            {
                await CompareLeavesAsync(a, b, at, end, ranges, cancellationToken);
                foreach (var range in ranges)
                    yield return range;
                ranges.Clear();
            }

            at = end;
            a.Pass(at);
            b.Pass(at);
        }

        if (left.Span != right.Span)
            yield return new DifferingRange(both, Math.Max(left.Span, right.Span) - both);
    }

    static async ValueTask CompareLeavesAsync(
        Side a, Side b, long at, long end, List<DifferingRange> ranges, CancellationToken cancellationToken)
    {
        if (a.Current.Kind == BlockRefKind.Run && b.Current.Kind == BlockRefKind.Run)
        {
            if (a.Current.RunByte != b.Current.RunByte)
                ranges.Add(new DifferingRange(at, end - at));
            return;
        }

        // At most one is a run here, so the stretch is no longer than a block, or the read finds that it is not.
        var count = (int)Math.Min(end - at, int.MaxValue);
        var left = await a.ReadAsync(at, count, cancellationToken);
        var right = await b.ReadAsync(at, count, cancellationToken);
        if (a.Current.Kind == BlockRefKind.Run)
            CompareRun(right.Span, a.Current.RunByte, at, ranges);
        else if (b.Current.Kind == BlockRefKind.Run)
            CompareRun(left.Span, b.Current.RunByte, at, ranges);
        else
            CompareBytes(left.Span, right.Span, at, ranges);
    }

    static void CompareBytes(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, long start, List<DifferingRange> ranges)
    {
        for (var at = 0; at < left.Length;)
        {
            at += left[at..].CommonPrefixLength(right[at..]);
            var first = at;
            while (at < left.Length && left[at] != right[at])
                at++;
            if (at > first)
                ranges.Add(new DifferingRange(start + first, at - first));
        }
    }

    static void CompareRun(ReadOnlySpan<byte> bytes, byte value, long start, List<DifferingRange> ranges)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var equal = bytes[at..].IndexOfAnyExcept(value);
            if (equal < 0)
                return;
            at += equal;
            var differing = bytes[at..].IndexOf(value);
            differing = differing < 0 ? bytes.Length - at : differing;
            ranges.Add(new DifferingRange(start + at, differing));
            at += differing;
        }
    }

    // One content and the reference in it that the comparison has come to. Offsets are those of the content, so that the
    // first reference of a slice may start before 0.
    sealed class Side(IBlockStore store, NodeCache nodes, BlockRef root) : IDisposable
    {
        readonly long _shift = root.Kind == BlockRefKind.Slice ? root.SliceOffset : 0;
        readonly TreeCursor _cursor = new(store, nodes, root.Kind == BlockRefKind.Slice ? root.SliceOf : root);
        BlockLease _block;
        BlockRef _read;

        public BlockRef Current => _cursor.Current;

        public int Level => Current.Kind == BlockRefKind.Indirect ? Current.Level : 0;

        public long Start => _cursor.Offset - _shift;

        public long End => _cursor.End - _shift;

        public async ValueTask StartAsync(CancellationToken cancellationToken)
        {
            if (_shift > 0)
                await _cursor.SeekAsync(_shift, cancellationToken);
        }

        public async ValueTask DescendAsync(long at, CancellationToken cancellationToken)
        {
            await _cursor.DescendAsync(cancellationToken);
            Pass(at);
        }

        // Goes past all that ends at or before an offset.
        public void Pass(long at)
        {
            while (!_cursor.AtEnd && End <= at)
                _cursor.Advance();
        }

        // Bytes of the current leaf; nothing of a run. Valid until the next leaf is read.
        public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long at, int count, CancellationToken cancellationToken)
        {
            var from = (int)Math.Min(at - Start, int.MaxValue);
            if (Current.Kind == BlockRefKind.Run)
                return default;
            if (Current.Kind == BlockRefKind.Literal)
                return Current.LiteralBytes.Slice(from, count);
            if (_read != Current)
            {
                Dispose();
                _block = await store.GetAsync(Current.Hash, cancellationToken);
                _read = Current;
                LeafBlock.Check(store, Current, _block);
            }

            return _block.Memory.Slice(from, count);
        }

        public void Dispose()
        {
            _block.Dispose();
            _block = default;
            _read = default;
        }
    }
}
