namespace Vt.Files.BackedFiles;

/// <summary>
/// Extents in order that don't overlap, in chunks, so that a change in the midst of hundreds of thousands moves a few
/// kilobytes. Neighbours that go on one another and have equal stamps are one. Not thread safe, but what was frozen may be
/// read by anybody.
/// </summary>
/// <remarks>Memory: 48 bytes an extent, up to twice that after changes in random order; nothing while it is empty.</remarks>
/// <param name="wentOut">Is told each range that was in the map and is not any more, except by <see cref="Reset"/>.</param>
sealed class ExtentMap(Action<Extent>? wentOut = null)
{
    const int FirstCapacity = 4;

    ExtentChunk[] _chunks = [];
    long[] _firsts = [];
    int _chunkCount;

    // Changes with each freeze, so that chunks that a view has are nobody's any more; with it, the arrays are the view's.
    object _owner = new();
    bool _arraysAreShared;

    /// <summary>How many extents there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes of the file they cover.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many of these lie in the log.</summary>
    public long LogBytes { get; private set; }

    /// <summary>How many of these are zero.</summary>
    public long ZeroBytes { get; private set; }

    /// <summary>The extents as they are now; valid until the next change.</summary>
    public ExtentView Current => new(_chunks, _firsts, _chunkCount, Count);

    /// <summary>A map that starts with a frozen view's extents, for changes that nobody is told of.</summary>
    public static ExtentMap From(in ExtentView view)
    {
        var map = new ExtentMap { _chunks = view.Chunks.ToArray(), _chunkCount = view.Chunks.Length, Count = view.Count };
        map._firsts = new long[map._chunkCount];
        for (var i = 0; i < map._chunkCount; i++)
            map._firsts[i] = map._chunks[i].Items[0].Offset;
        for (var extents = view.From(0); extents.MoveNext();)
            map.CountBytes(extents.Current, 1);
        return map;
    }

    /// <summary>The extents as they are now, for good. Costs nothing now; the first change of each chunk copies it.</summary>
    public ExtentView Freeze()
    {
        _owner = new object();
        _arraysAreShared = true;
        return Current;
    }

    /// <summary>Says where the bytes of a range come from now; what was there goes.</summary>
    public void Put(long offset, long length, ExtentSource source, uint stamp)
    {
        var extent = new Extent(offset, length, source, stamp);
        CountBytes(extent, 1);
        var (chunk, index) = Current.Locate(offset);
        if (chunk < _chunkCount && _chunks[chunk].Items[index].Offset < extent.End)
        {
            if (TryExchange(chunk, index, extent))
                return;
            Remove(offset, length);
            (chunk, index) = Current.Locate(offset);
        }

        var isJoined = TryJoinNext(chunk, index, ref extent);
        if (TryJoinBefore(chunk, index, extent))
        {
            if (isJoined)
                RemoveItems(chunk, index, 1);
        }
        else if (isJoined)
        {
            Set(chunk, index, extent);
        }
        else
        {
            Insert(chunk, index, extent);
        }
    }

    /// <summary>Takes out what covers a range.</summary>
    public void Remove(long offset, long length)
    {
        var end = offset + length;
        while (true)
        {
            var (chunk, index) = Current.Locate(offset);
            if (chunk == _chunkCount)
                return;
            var extent = _chunks[chunk].Items[index];
            if (extent.Offset >= end)
                return;
            if (extent.Offset < offset)
            {
                Set(chunk, index, extent.Part(extent.Offset, offset));
                GoOut(extent.Part(offset, Math.Min(end, extent.End)));
                if (extent.End <= end)
                    continue;
                Insert(chunk, index + 1, extent.Part(end, extent.End));
                return;
            }

            if (extent.End > end)
            {
                Set(chunk, index, extent.Part(end, extent.End));
                GoOut(extent.Part(extent.Offset, end));
                return;
            }

            RemoveWhole(chunk, index, end);
        }
    }

    /// <summary>Takes out all from an offset on.</summary>
    public void Cut(long size) => Remove(size, long.MaxValue - size);

    /// <summary>Forgets all extents and tells nobody.</summary>
    public void Reset()
    {
        (_chunks, _firsts, _chunkCount) = ([], [], 0);
        Count = 0;
        Bytes = LogBytes = ZeroBytes = 0;
        _arraysAreShared = false;
    }

    // All of a chunk's extents from an index on that end at or before an offset.
    void RemoveWhole(int chunk, int index, long end)
    {
        var items = _chunks[chunk].Items;
        var count = _chunks[chunk].Count;
        var last = index;
        while (last < count && items[last].End <= end)
            GoOut(items[last++]);
        RemoveItems(chunk, index, last - index);
    }

    void GoOut(in Extent extent)
    {
        CountBytes(extent, -1);
        wentOut?.Invoke(extent);
    }

    void CountBytes(in Extent extent, int sign)
    {
        Bytes += sign * extent.Length;
        if (extent.Source.Kind == ExtentSourceKind.Log)
            LogBytes += sign * extent.Length;
        else if (extent.Source.Kind == ExtentSourceKind.Zero)
            ZeroBytes += sign * extent.Length;
    }

    // Overwriting just what was written before is frequent, and moves nothing.
    bool TryExchange(int chunk, int index, in Extent extent)
    {
        var old = _chunks[chunk].Items[index];
        if (old.Offset != extent.Offset || old.Length != extent.Length)
            return false;
        var (nextChunk, next) = index + 1 < _chunks[chunk].Count ? (chunk, index + 1) : (chunk + 1, 0);
        if (nextChunk < _chunkCount && extent.IsContinuedBy(_chunks[nextChunk].Items[next]))
            return false;
        var (chunkBefore, before) = index > 0 ? (chunk, index - 1) : (chunk - 1, chunk > 0 ? _chunks[chunk - 1].Count - 1 : 0);
        if (chunkBefore >= 0 && _chunks[chunkBefore].Items[before].IsContinuedBy(extent))
            return false;
        GoOut(old);
        Set(chunk, index, extent);
        return true;
    }

    bool TryJoinNext(int chunk, int index, ref Extent extent)
    {
        if (chunk == _chunkCount)
            return false;
        ref readonly var next = ref _chunks[chunk].Items[index];
        if (next.Stamp != extent.Stamp || !extent.IsContinuedBy(next))
            return false;
        extent = extent with { Length = extent.Length + next.Length };
        return true;
    }

    bool TryJoinBefore(int chunk, int index, in Extent extent)
    {
        if (index == 0)
        {
            if (chunk == 0)
                return false;
            index = _chunks[--chunk].Count;
        }

        var before = _chunks[chunk].Items[--index];
        if (before.Stamp != extent.Stamp || !before.IsContinuedBy(extent))
            return false;
        Set(chunk, index, before with { Length = before.Length + extent.Length });
        return true;
    }

    void Set(int chunk, int index, in Extent extent)
    {
        Own(chunk).Items[index] = extent;
        if (index == 0)
            _firsts[chunk] = extent.Offset;
    }

    void Insert(int chunk, int index, in Extent extent)
    {
        Count++;
        if (chunk == _chunkCount)
        {
            if (chunk == 0)
            {
                InsertChunk(0, new ExtentChunk(_owner, FirstCapacity), extent.Offset);
                index = 0;
            }
            else
            {
                index = _chunks[--chunk].Count;
            }
        }

        var target = Own(chunk);
        if (target.Count == ExtentChunk.Most)
        {
            // What is written in order fills chunks to the brim.
            var isBehindAll = chunk == _chunkCount - 1 && index == target.Count;
            var half = isBehindAll ? target.Count : target.Count / 2;
            Split(chunk, half, extent.Offset);
            if (index > half || isBehindAll)
            {
                target = _chunks[++chunk];
                index -= half;
            }
        }

        if (target.Count == target.Items.Length)
            Array.Resize(ref target.Items, Math.Min(target.Count * 2, ExtentChunk.Most));
        Array.Copy(target.Items, index, target.Items, index + 1, target.Count - index);
        target.Items[index] = extent;
        target.Count++;
        if (index == 0)
            _firsts[chunk] = extent.Offset;
    }

    // Moves a chunk's extents from an index on to a new chunk behind it; `first` is where that starts if it gets none.
    void Split(int chunk, int index, long first)
    {
        var left = _chunks[chunk];
        var count = left.Count - index;
        var right = new ExtentChunk(_owner, count == 0 ? FirstCapacity : ExtentChunk.Most) { Count = count };
        left.Items.AsSpan(index, count).CopyTo(right.Items);
        Array.Clear(left.Items, index, count);
        left.Count = index;
        InsertChunk(chunk + 1, right, count == 0 ? first : right.Items[0].Offset);
    }

    void RemoveItems(int chunk, int index, int count)
    {
        Count -= count;
        var target = Own(chunk);
        target.Count -= count;
        Array.Copy(target.Items, index + count, target.Items, index, target.Count - index);
        Array.Clear(target.Items, target.Count, count);
        if (target.Count == 0)
        {
            RemoveChunk(chunk);
            return;
        }

        if (index == 0)
            _firsts[chunk] = target.Items[0].Offset;
        if (target.Count < ExtentChunk.Most / 4 && chunk + 1 < _chunkCount
            && target.Count + _chunks[chunk + 1].Count <= ExtentChunk.Most * 3 / 4)
        {
            JoinWithNext(chunk);
        }
    }

    void JoinWithNext(int chunk)
    {
        var (left, right) = (_chunks[chunk], _chunks[chunk + 1]);
        var count = left.Count + right.Count;
        if (left.Items.Length < count)
            Array.Resize(ref left.Items, ExtentChunk.Most);
        right.Items.AsSpan(0, right.Count).CopyTo(left.Items.AsSpan(left.Count));
        left.Count = count;
        RemoveChunk(chunk + 1);
    }

    void InsertChunk(int at, ExtentChunk chunk, long first)
    {
        OwnArrays();
        if (_chunkCount == _chunks.Length)
        {
            var capacity = Math.Max(1, _chunkCount * 2);
            Array.Resize(ref _chunks, capacity);
            Array.Resize(ref _firsts, capacity);
        }

        Array.Copy(_chunks, at, _chunks, at + 1, _chunkCount - at);
        Array.Copy(_firsts, at, _firsts, at + 1, _chunkCount - at);
        _chunks[at] = chunk;
        _firsts[at] = first;
        _chunkCount++;
    }

    void RemoveChunk(int at)
    {
        OwnArrays();
        _chunkCount--;
        Array.Copy(_chunks, at + 1, _chunks, at, _chunkCount - at);
        Array.Copy(_firsts, at + 1, _firsts, at, _chunkCount - at);
        _chunks[_chunkCount] = null!;
    }

    ExtentChunk Own(int chunk)
    {
        OwnArrays();
        var target = _chunks[chunk];
        return ReferenceEquals(target.Owner, _owner) ? target : _chunks[chunk] = target.CopyFor(_owner);
    }

    void OwnArrays()
    {
        if (!_arraysAreShared)
            return;
        _chunks = [.. _chunks];
        _firsts = [.. _firsts];
        _arraysAreShared = false;
    }
}
