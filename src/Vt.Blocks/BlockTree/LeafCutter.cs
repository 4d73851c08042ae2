namespace Vt.Blocks.BlockTree;

/// <summary>
/// Cuts a stream of bytes into leaves within batches. Bytes wait until so many follow that their cut is certain, so leaves
/// do not depend on how the stream arrives. Not thread safe.
/// </summary>
sealed class LeafCutter
{
    readonly IChunkCutter _rule;
    readonly int _window;
    int _start;
    byte _runByte;
    long _runLength;

    public LeafCutter(IChunkCutter rule, LeafBatch batch)
    {
        _rule = rule;
        _window = rule.Maximum + IChunkCutter.Lookahead;
        Batch = batch;
        _start = batch.Filled;
    }

    /// <summary>Where bytes and leaves go now.</summary>
    public LeafBatch Batch { get; private set; }

    /// <summary>How many bytes of content lie before the last cut: the sum of all leaves' spans.</summary>
    public long CutPosition { get; private set; }

    /// <summary>How many bytes of content were taken, those that wait for their cut included.</summary>
    public long Position => CutPosition + _runLength + (Batch.Filled - _start);

    /// <summary>Whether nothing waits: the next byte starts a leaf, as after any cut.</summary>
    public bool IsAtCut => _runLength == 0 && _start == Batch.Filled;

    /// <summary>Where the next bytes are to be put; empty when the batch is full.</summary>
    public Memory<byte> Free => Batch.Memory[Batch.Filled..];

    /// <summary>Takes bytes that were put to <see cref="Free"/> and cuts what is certain.</summary>
    public void Advance(int count)
    {
        Batch.Filled += count;
        Cut(final: false);
    }

    /// <summary>
    /// Cuts all that is certain already, though so little may follow that the rule has to be asked again later. For who
    /// would have to fetch more bytes at a price.
    /// </summary>
    public void CutEarly() => Cut(final: false, early: true);

    /// <summary>Cuts all that waits: the content ends here.</summary>
    public void Finish()
    {
        Cut(final: true);
        CloseRun();
    }

    /// <summary>
    /// Makes an open run longer without any bytes.
    /// </summary>
    /// <returns>Whether all bytes so far end in a run of <paramref name="value"/> whose start is certain.</returns>
    public bool TryExtendRun(byte value, long count)
    {
        if (_runLength == 0 || _runByte != value || _start != Batch.Filled)
            return false;
        _runLength = checked(_runLength + count);
        return true;
    }

    /// <summary>Counts leaves that went to the tree by another way; only at a cut.</summary>
    public void Skip(long span) => CutPosition = checked(CutPosition + span);

    /// <summary>Forgets what waits behind the last cut.</summary>
    public void DropWaiting()
    {
        _runLength = 0;
        Batch.Filled = _start;
    }

    /// <summary>Goes on in another batch, or in the same one once it is done with; the bytes that wait move there.</summary>
    public void MoveTo(LeafBatch next)
    {
        var waiting = Batch.Memory.Span[_start..Batch.Filled];
        waiting.CopyTo(next.Memory.Span);
        var count = waiting.Length;
        if (ReferenceEquals(next, Batch))
            next.Clear();
        next.Filled = count;
        Batch = next;
        _start = 0;
    }

    /// <summary>Starts anew, with the batch empty.</summary>
    public void Reset()
    {
        Batch.Clear();
        _start = 0;
        _runLength = 0;
        CutPosition = 0;
    }

    void Cut(bool final, bool early = false)
    {
        while (_start < Batch.Filled)
        {
            var data = Batch.Memory.Span[_start..Batch.Filled];
            if (_runLength > 0)
            {
                GoOnWithRun(data);
                continue;
            }

            if (data.Length < _window && !final && !early)
                break;
            var equal = EqualPrefix(data, data[0]);
            if (equal >= IChunkCutter.MinimumRun)
            {
                _runByte = data[0];
                _runLength = equal;
                _start += equal;
                continue;
            }

            var length = CutChunk(data[..Math.Min(data.Length, _window)], final && data.Length <= _window);
            if (length == 0)
                break;
            Batch.AddChunk(_start, length);
            CutPosition += length;
            _start += length;
        }

        if (_start == Batch.Filled && !Batch.HasChunks)
            Batch.Filled = _start = 0;
    }

    // The next chunk's length, or 0 where it is not certain yet.
    int CutChunk(ReadOnlySpan<byte> data, bool final)
    {
        // Where more is to come, the rule is asked as if not: a cut that is far enough from the end does not depend on it.
        var isCertain = final || data.Length == _window;
        var length = _rule.Cut(data, final || !isCertain);
        if (length <= 0 || length > data.Length)
            throw new InvalidOperationException($"{_rule.GetType().Name} cut {length} bytes from {data.Length}");
        return isCertain || length + IChunkCutter.Lookahead <= data.Length ? length : 0;
    }

    void GoOnWithRun(ReadOnlySpan<byte> data)
    {
        var more = EqualPrefix(data, _runByte);
        _runLength += more;
        _start += more;
        if (more < data.Length)
            CloseRun();
    }

    void CloseRun()
    {
        if (_runLength == 0)
            return;
        Batch.Add(BlockRef.Run(_runByte, _runLength));
        CutPosition = checked(CutPosition + _runLength);
        _runLength = 0;
    }

    static int EqualPrefix(ReadOnlySpan<byte> data, byte value)
    {
        var differs = data.IndexOfAnyExcept(value);
        return differs < 0 ? data.Length : differs;
    }
}
