namespace Vt.Files.BackedFiles;

sealed partial class BackedFile
{
    const int FewestUncounted = 4096;

    // Ranges of stored content that came (1) or went (-1), whose holes were not counted yet: a walk over the touched ranges, done
    // when somebody asks.
    readonly List<(int Sign, StoredContent Content, long Offset, long Length)> _uncounted = [];
    int _mostUncounted = FewestUncounted;

    // Once there are too many of them, all content is counted afresh.
    bool _countAfresh;
    long _holeCounts;

    // Holes within the stored content that can be seen, as far as counted.
    long _storedHoles;

    // How many bytes before the end of the backing's valid part are covered by extents.
    long _coveredBacking;

    /// <summary>
    /// How many bytes lie in holes, which is what st_blocks leaves out: zeros that were never written or were cleared, and runs
    /// of zero bytes in the store. Completes at once unless content with holes was changed since the last call; reads nodes only.
    /// </summary>
    public async ValueTask<long> GetHoleSpanAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            (int Sign, StoredContent Content, long Offset, long Length)[] ranges;
            long count;
            lock (Gate)
            {
                if (_countAfresh)
                    ListAllStored();
                if (_uncounted.Count == 0)
                    return _storedHoles + _extents.ZeroBytes + Size - _extents.Bytes - (_backingLength - _coveredBacking);
                ranges = [.. _uncounted];
                count = _holeCounts;
            }

            long holes = 0;
            foreach (var (sign, content, offset, length) in ranges)
                holes += sign * await _sources.CountHolesAsync(content, offset, length, cancellationToken);
            lock (Gate)
            {
                if (count != _holeCounts || _countAfresh)
                    continue;
                _holeCounts++;
                _storedHoles += holes;
                _uncounted.RemoveRange(0, ranges.Length);
            }
        }
    }

    /// <summary>What <see cref="GetHoleSpanAsync"/> gives, if it is known without the store.</summary>
    public bool TryGetHoleSpan(out long holes)
    {
        lock (Gate)
        {
            holes = _storedHoles + _extents.ZeroBytes + Size - _extents.Bytes - (_backingLength - _coveredBacking);
            return !_countAfresh && _uncounted.Count == 0;
        }
    }

    void ListAllStored()
    {
        RestartHoles();
        for (var walk = Layers.Walk(0, Size); walk.MoveNext();)
        {
            if (walk.Current.Source is { Kind: ExtentSourceKind.Stored } source)
                CountStored(1, source.Content, source.ContentOffset, walk.Current.Length);
        }

        _mostUncounted = Math.Max(FewestUncounted, _uncounted.Count * 2);
    }

    // After the backing was set and before any extent counts.
    void RecountHoles()
    {
        RestartHoles();
        _coveredBacking = 0;
        CountStored(1, _backing, 0, _backing.Span);
        CountStored(-1, _backing, _backingLength, _backing.Span - _backingLength);
        for (var extents = _extents.Current.From(0); extents.MoveNext();)
        {
            CoverBacking(extents.Current.Offset, extents.Current.Length, isKnownUncovered: true);
            CountExtent(extents.Current, 1);
        }

        _mostUncounted = Math.Max(FewestUncounted, _uncounted.Count * 2);
    }

    void RestartHoles()
    {
        _holeCounts++;
        _uncounted.Clear();
        _mostUncounted = int.MaxValue;
        _countAfresh = false;
        _storedHoles = 0;
    }

    // What is seen of the backing in a range will not be any more.
    void CoverBacking(long offset, long length, bool isKnownUncovered = false)
    {
        if (_backing.HoleSpan == 0)
            return;
        var to = Math.Min(offset + length, _backingLength);
        if (isKnownUncovered)
        {
            CountStored(-1, _backing, offset, to - offset);
            return;
        }

        for (var walk = Layers.Walk(offset, to); walk.MoveNext();)
        {
            if (!walk.IsExtent)
                CountStored(-1, _backing, walk.Current.Offset, walk.Current.Length);
        }
    }

    void CountExtent(in Extent extent, int sign)
    {
        _coveredBacking += sign * Math.Max(0, Math.Min(extent.End, _backingLength) - extent.Offset);
        if (extent.Source.Kind == ExtentSourceKind.Stored)
            CountStored(sign, extent.Source.Content, extent.Source.ContentOffset, extent.Length);
    }

    void CountStored(int sign, StoredContent content, long offset, long length)
    {
        if (length <= 0 || content.HoleSpan == 0 || _countAfresh)
            return;
        if (content.HoleSpan is { } known && length == content.Span)
        {
            _storedHoles += sign * known;
            return;
        }

        _countAfresh = _uncounted.Count >= _mostUncounted;
        if (!_countAfresh)
            _uncounted.Add((sign, content, offset, length));
    }
}
