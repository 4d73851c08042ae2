namespace Vt.Files.Reading;

/// <summary>
/// Reads one file's content for any number of callers at once. When they go through it in order, the stretches ahead are read,
/// decompressed and verified on other threads meanwhile; reads here and there go straight to it.
/// </summary>
sealed class ContentReader : IDisposable
{
    /// <summary>How much one read-ahead step reads, in bytes: two of the store's frames at the least.</summary>
    public const int SegmentLength = 512 << 10;

    /// <summary>How many steps are under way at once: enough for both the store's and the verifier's threads.</summary>
    const int Depth = 4;

    readonly Func<long, Memory<byte>, CancellationToken, ValueTask<int>> _read;
    readonly long _contentLength;
    readonly ReadAheadBudget _budget;
    readonly Lock _segmentsGate = new();
    readonly List<ReadAheadSegment> _segments = new(Depth + 2);
    long _expected;
    int _inOrder;

    /// <summary>Reads content from wherever it is.</summary>
    /// <param name="length">How many bytes there are.</param>
    /// <param name="read">Reads from an offset, short only at the end; from any thread.</param>
    /// <param name="budget">What may be read ahead.</param>
    public ContentReader(long length, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> read, ReadAheadBudget budget)
    {
        _contentLength = length;
        _read = read;
        _budget = budget;
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>, short only at the end of the content.</summary>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Min(destination.Length, Math.Max(0, _contentLength - offset));
        var done = 0;
        while (done < wanted)
        {
            var segment = Find(offset + done, wanted - done);
            _budget.Note(isHit: segment is not null);
            if (segment is null)
                return done + await _read(offset + done, destination[done..wanted], cancellationToken);
            try
            {
                await ((Task)segment.Filled).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();

                // What is damaged somewhere in the segment is an error only for who reads just that.
                if (!segment.Filled.IsCompletedSuccessfully)
                    return done + await _read(offset + done, destination[done..wanted], cancellationToken);
                var filled = await segment.Filled;
                var from = (int)(offset + done - (segment.Index * SegmentLength));
                var count = Math.Min(filled - from, wanted - done);
                if (count <= 0)
                    break;
                segment.Bytes.Slice(from, count).CopyTo(destination.Span[done..]);
                done += count;
            }
            finally
            {
                segment.Release();
            }
        }

        return done;
    }

    /// <summary>
    /// Lets go of what was read ahead; reads under way end as they would have. Safe while readers are active: what they hold
    /// goes back when they let go.
    /// </summary>
    public void Dispose()
    {
        lock (_segmentsGate)
        {
            foreach (var segment in _segments)
                segment.Release();
            _segments.Clear();
            _inOrder = int.MinValue;
        }
    }

    /// <summary>The segment that holds a place, held for the caller, with those that follow started; null to read directly.</summary>
    ReadAheadSegment? Find(long offset, int length)
    {
        var index = offset / SegmentLength;
        lock (_segmentsGate)
        {
            // The kernel sends the parts of its own read-ahead window out of order, so "near" counts as "in order".
            var near = offset >= _expected - (2 * SegmentLength) && offset <= _expected + (2 * SegmentLength);
            _inOrder = near ? Math.Min(_inOrder + 1, Depth) : Math.Min(_inOrder, 0);
            _expected = near ? Math.Max(_expected, offset + length) : offset + length;
            if (_inOrder < 2 || _contentLength <= SegmentLength)
            {
                if (!near)
                    DropBefore(long.MaxValue);
                return null;
            }

            DropBefore(index - 1);
            var last = Math.Min(index + Depth - 1, (_contentLength - 1) / SegmentLength);
            for (var ahead = index; ahead <= last; ahead++)
                Start(ahead);
            var found = _segments.Find(segment => segment.Index == index);
            found?.Hold();
            return found;
        }
    }

    void Start(long index)
    {
        if (_segments.Exists(segment => segment.Index == index))
            return;
        var start = index * SegmentLength;
        var length = (int)Math.Min(SegmentLength, _contentLength - start);
        var segment = ReadAheadSegment.TryStart(index, length, _budget, async buffer => await _read(start, buffer, CancellationToken.None));
        if (segment is not null)
            _segments.Add(segment);
    }

    void DropBefore(long index)
    {
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            if (_segments[i].Index >= index)
                continue;
            _segments[i].Release();
            _segments.RemoveAt(i);
        }
    }
}
