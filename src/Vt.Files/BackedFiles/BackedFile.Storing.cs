using System.Diagnostics;
using Vt.Blocks.BlockTree;

namespace Vt.Files.BackedFiles;

sealed partial class BackedFile
{
    /// <summary>
    /// The content of this instant, which stays what it is and holds its bytes in the log until it ends. Costs next to nothing.
    /// Only one snapshot of the whole content may be out at a time.
    /// </summary>
    public ContentSnapshot Freeze() => Freeze(0, Size, isWhole: true);

    /// <summary>The same of a range, which lies within the file; at most one of these may be out as well.</summary>
    public ContentSnapshot Freeze(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Size - offset);
        return Freeze(offset, length, isWhole: false);
    }

    /// <summary>
    /// Whether the file's beginning was written in order, and so much of it waits in the log that it may be stored: behind stored
    /// content that reaches from the file's start to <paramref name="offset"/>, or from the start itself.
    /// </summary>
    /// <param name="minimum">How much must wait, in bytes.</param>
    /// <param name="offset">Receives where what waits starts.</param>
    /// <param name="length">Receives how much waits.</param>
    /// <returns>False also while a snapshot is out: what it has is being stored.</returns>
    public bool TryTakeSequential(long minimum, out long offset, out long length)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        (offset, length) = (0, 0);
        if (_extents.LogBytes < minimum || _snapshots.Count > 0)
            return false;
        offset = StoredBeginning(Layers)?.Span ?? 0;
        var end = offset;
        for (var extents = _extents.Current.From(offset); extents.MoveNext();)
        {
            ref readonly var extent = ref extents.Current;
            if (extent.Offset > end || extent.Source.Kind != ExtentSourceKind.Log)
                break;
            end = extent.End;
        }

        length = end - offset;
        return length > 0 && length >= minimum;
    }

    /// <summary>
    /// A snapshot's content is in the store now. Whatever is still what it was then comes from there from now on: as the backing
    /// where the snapshot was of the whole content, otherwise as an extent. What was changed since stays as it is, and where the
    /// whole content was replaced since, that is everything. Ends the snapshot as <see cref="ContentSnapshot.Dispose"/> does.
    /// </summary>
    /// <param name="snapshot">A snapshot of this file that has not ended.</param>
    /// <param name="stored">
    /// The snapshot's content; of a range that continues stored content, either that range's or, as
    /// <see cref="ContentStorer.AppendAsync"/> gives it, all from the file's start to the range's end.
    /// </param>
    /// <param name="holeSpan">How many of its bytes lie in holes; null if not known.</param>
    public void Complete(ContentSnapshot snapshot, BlockRef stored, long? holeSpan = null)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        if (stored.Span != snapshot.Length && (snapshot.IsWhole || stored.Span != snapshot.End))
        {
            throw new ArgumentException(
                $"{stored.Span} bytes are not the snapshot's {snapshot.Length} at {snapshot.Offset}", nameof(stored));
        }

        var index = _snapshots.IndexOf(snapshot);
        if (index < 0)
            throw new InvalidOperationException("the snapshot is not one of this file, or has ended");
        _snapshots.RemoveAt(index);
        var content = new StoredContent(stored, holeSpan);
        if (!snapshot.IsWhole)
            CompleteRange(snapshot, content);
        else if (snapshot.Replacements == _replacements)
            CompleteWhole(snapshot, content);
        End(snapshot, index);
    }

    /// <summary>Ends a snapshot, if it has not ended yet. Takes the gate.</summary>
    internal void Release(ContentSnapshot snapshot)
    {
        lock (Gate)
        {
            var index = _snapshots.IndexOf(snapshot);
            if (index < 0)
                return;
            _snapshots.RemoveAt(index);
            End(snapshot, index);
        }
    }

    // What reaches from the file's start on and is the whole of some stored content; null where there is none.
    static StoredContent? StoredBeginning(in ContentLayers layers)
    {
        var walk = layers.Walk(0, layers.Size);
        if (!walk.MoveNext() || walk.Current.Source is not { Kind: ExtentSourceKind.Stored, ContentOffset: 0 } source)
            return null;
        return walk.Current.Length == source.Content.Span ? source.Content : null;
    }

    ContentSnapshot Freeze(long offset, long length, bool isWhole)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        if (_snapshots.Exists(snapshot => snapshot.IsWhole == isWhole))
            throw new InvalidOperationException("such a snapshot is out already");
        var layers = Layers with { Extents = _extents.Freeze() };
        var before = !isWhole && offset > 0 && StoredBeginning(layers) is { } beginning && beginning.Span == offset ? beginning : null;
        var taken = new ContentSnapshot(this, _sources, layers, offset, length, isWhole, before, _replacements);
        _snapshots.Add(taken);
        return taken;
    }

    // Those that were taken before it may have what it kept.
    void End(ContentSnapshot snapshot, int older)
    {
        foreach (var extent in snapshot.Deferred)
        {
            _deferredBytes -= extent.Length;
            LetGo(extent, older);
        }

        snapshot.Deferred.Clear();
    }

    void CompleteWhole(ContentSnapshot snapshot, StoredContent content)
    {
        var kept = new ExtentMap(_wentOut);
        var gone = new List<Extent>();
        var zeros = new List<Extent>();
        long unchanged = 0;
        var comparison = new SourceComparison(Layers, snapshot.Expected, 0, Size);
        while (comparison.MoveNext())
        {
            var part = comparison.Current;
            if (comparison.IsSame)
            {
                // Only before what comes from the backing do zeros need to be said.
                foreach (var zero in zeros)
                    kept.Put(zero.Offset, zero.Length, zero.Source, zero.Stamp);
                zeros.Clear();
                unchanged = part.End;
                if (part.Source.Kind == ExtentSourceKind.Log)
                    gone.Add(part);
            }
            else if (part.Source.Kind == ExtentSourceKind.Zero)
            {
                zeros.Add(part);
            }
            else
            {
                kept.Put(part.Offset, part.Length, part.Source, part.Stamp);
            }
        }

        _extents = kept;
        SetBacking(content);
        _backingLength = unchanged;
        RecountHoles();
        foreach (var extent in gone)
            LetGo(extent, _snapshots.Count);
    }

    void CompleteRange(ContentSnapshot snapshot, StoredContent content)
    {
        var continues = snapshot.Before is not null && content.Span == snapshot.End;
        var shift = content.Span == snapshot.Length ? snapshot.Offset : 0;
        var ranges = new List<(long From, long To)>();
        var comparison = new SourceComparison(Layers, snapshot.Layers, continues ? 0 : snapshot.Offset, snapshot.End);
        while (comparison.MoveNext())
        {
            var part = comparison.Current;
            if (!comparison.IsSame || (part.Offset >= snapshot.Offset && !comparison.IsExtent))
                continue;
            if (ranges.Count > 0 && ranges[^1].To == part.Offset)
                ranges[^1] = (ranges[^1].From, part.End);
            else
                ranges.Add((part.Offset, part.End));
        }

        foreach (var (from, to) in ranges)
        {
            foreach (var other in _snapshots)
                other.Expect(snapshot.Layers, from, to, content, shift);
            Put(from, to - from, ExtentSource.Stored(content, from - shift), 0);
        }
    }
}
