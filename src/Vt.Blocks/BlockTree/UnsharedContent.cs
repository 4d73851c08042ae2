using Vt.Blocks.Contracts;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Tells how many bytes one content has that another hasn't, by the blocks that they share at whatever offset. Read are the nodes that differ and the leaves that
/// only one has, so that of a large image with one changed block that block is read. Safe from any thread.
/// </summary>
/// <remarks>
/// The leaves that only one has are compared byte by byte: place by place where both sides have as many bytes in them, otherwise what they begin and end with alike does
/// not count. Of runs only the lengths are compared. Memory: the references of the children of all nodes that differ.
/// </remarks>
/// <param name="store">Where the blocks of both are.</param>
public sealed class UnsharedContent(IBlockStore store)
{
    const int BufferSize = 256 << 10;

    /// <summary>Compares two contents.</summary>
    /// <returns>The bytes of each that the other hasn't in the same place or order; 0 for both where they are equal.</returns>
    public async ValueTask<(long Removed, long Added)> CompareAsync(BlockRef before, BlockRef after, CancellationToken cancellationToken = default)
    {
        var (old, current) = (new List<BlockRef> { before }, new List<BlockRef> { after });
        Cancel(old, current);
        for (var level = Math.Max(HighestOf(old), HighestOf(current)); level > 0; level--)
        {
            old = await ExpandAsync(old, level, cancellationToken);
            current = await ExpandAsync(current, level, cancellationToken);
            Cancel(old, current);
        }

        var (runsRemoved, runsAdded) = TakeRuns(old, current);
        var (removed, added) = await CompareLeavesAsync(old, current, cancellationToken);
        return (removed + runsRemoved, added + runsAdded);
    }

    // Takes out what both have, as often as both have it.
    static void Cancel(List<BlockRef> old, List<BlockRef> current)
    {
        var counts = new Dictionary<BlockRef, int>();
        foreach (var reference in old)
            counts[reference] = counts.GetValueOrDefault(reference) + 1;
        var shared = new Dictionary<BlockRef, int>();
        current.RemoveAll(reference => Take(counts, reference, shared));
        old.RemoveAll(reference => Take(shared, reference, null));
    }

    static bool Take(Dictionary<BlockRef, int> counts, BlockRef reference, Dictionary<BlockRef, int>? taken)
    {
        if (counts.GetValueOrDefault(reference) is not (> 0 and var count))
            return false;
        counts[reference] = count - 1;
        if (taken is not null)
            taken[reference] = taken.GetValueOrDefault(reference) + 1;
        return true;
    }

    static int LevelOf(in BlockRef reference) => reference.Kind == BlockRefKind.Indirect ? reference.Level : 0;

    static int HighestOf(List<BlockRef> references)
    {
        var highest = 0;
        foreach (var reference in references)
            highest = Math.Max(highest, LevelOf(reference));
        return highest;
    }

    async ValueTask<List<BlockRef>> ExpandAsync(List<BlockRef> references, int level, CancellationToken cancellationToken)
    {
        var expanded = new List<BlockRef>(references.Count);
        foreach (var reference in references)
        {
            if (LevelOf(reference) == level)
                expanded.AddRange((await IndirectNode.LoadAsync(store, reference, cancellationToken)).Children);
            else
                expanded.Add(reference);
        }

        return expanded;
    }

    // A hole may be longer than any disk.
    static (long Removed, long Added) TakeRuns(List<BlockRef> old, List<BlockRef> current)
    {
        var lengths = new long[256];
        foreach (var reference in current)
        {
            if (reference.Kind == BlockRefKind.Run)
                lengths[reference.RunByte] += reference.Span;
        }

        foreach (var reference in old)
        {
            if (reference.Kind == BlockRefKind.Run)
                lengths[reference.RunByte] -= reference.Span;
        }

        old.RemoveAll(static reference => reference.Kind == BlockRefKind.Run);
        current.RemoveAll(static reference => reference.Kind == BlockRefKind.Run);
        return (lengths.Where(static length => length < 0).Sum(static length => -length), lengths.Where(static length => length > 0).Sum());
    }

    async ValueTask<(long Removed, long Added)> CompareLeavesAsync(List<BlockRef> old, List<BlockRef> current, CancellationToken cancellationToken)
    {
        var (left, right) = (new Leaves(store, old), new Leaves(store, current));
        if (left.Length == right.Length)
        {
            var differing = await CountDifferingAsync(left, right, cancellationToken);
            return (differing, differing);
        }

        var shorter = Math.Min(left.Length, right.Length);
        var alike = await CountAlikeAsync(left, right, shorter, fromEnd: false, cancellationToken);
        alike += await CountAlikeAsync(left, right, shorter - alike, fromEnd: true, cancellationToken);
        return (left.Length - alike, right.Length - alike);
    }

    static async ValueTask<long> CountDifferingAsync(Leaves left, Leaves right, CancellationToken cancellationToken)
    {
        var (one, other) = (new byte[BufferSize], new byte[BufferSize]);
        long differing = 0;
        for (long at = 0; at < left.Length;)
        {
            var count = (int)Math.Min(BufferSize, left.Length - at);
            await left.ReadAsync(at, one.AsMemory(0, count), cancellationToken);
            await right.ReadAsync(at, other.AsMemory(0, count), cancellationToken);
            for (var i = 0; i < count; i++)
                differing += one[i] == other[i] ? 0 : 1;
            at += count;
        }

        return differing;
    }

    static async ValueTask<long> CountAlikeAsync(Leaves left, Leaves right, long most, bool fromEnd, CancellationToken cancellationToken)
    {
        var (one, other) = (new byte[BufferSize], new byte[BufferSize]);
        long alike = 0;
        while (alike < most)
        {
            var count = (int)Math.Min(BufferSize, most - alike);
            var (a, b) = (one.AsMemory(0, count), other.AsMemory(0, count));
            await left.ReadAsync(fromEnd ? left.Length - alike - count : alike, a, cancellationToken);
            await right.ReadAsync(fromEnd ? right.Length - alike - count : alike, b, cancellationToken);
            if (fromEnd)
            {
                a.Span.Reverse();
                b.Span.Reverse();
            }

            var same = a.Span.CommonPrefixLength(b.Span);
            alike += same;
            if (same < count)
                break;
        }

        return alike;
    }

    // Some leaves one after another, as if they were one content.
    sealed class Leaves
    {
        readonly IBlockStore _store;
        readonly List<BlockRef> _references;
        readonly long[] _starts;

        public Leaves(IBlockStore store, List<BlockRef> references)
        {
            _store = store;
            _references = references;
            _starts = new long[references.Count];
            for (var i = 0; i < references.Count; i++)
            {
                _starts[i] = Length;
                Length += references[i].Span;
            }
        }

        public long Length { get; }

        public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            var at = Array.BinarySearch(_starts, offset);
            for (var i = at < 0 ? ~at - 1 : at; !destination.IsEmpty; i++)
            {
                // Leaves of no length have the same start as the one behind them, which the search may have missed.
                var inLeaf = offset - _starts[i];
                var count = await new BlockTreeReader(_store, _references[i]).ReadAsync(inLeaf, destination, cancellationToken);
                destination = destination[count..];
                offset += count;
            }
        }
    }
}
