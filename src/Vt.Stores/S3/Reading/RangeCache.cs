using Vt.Stores.S3.Access;
using Vt.Stores.S3.Index;

namespace Vt.Stores.S3.Reading;

/// <summary>
/// Parts of packs that were read lately or are being read. No two of a pack overlap, so that of many readers at once none asks for bytes that another one has asked for. One who reads a pack from
/// front to back gets ever larger parts, and the next one ahead; one who reads here and there gets what was asked for. Thread-safe.
/// </summary>
/// <param name="bucket">The bucket.</param>
/// <param name="index">Names the packs.</param>
/// <param name="parallel">How many requests may be under way.</param>
/// <param name="budget">How many bytes are kept.</param>
sealed class RangeCache(S3Bucket bucket, S3Index index, int parallel, long budget) : IDisposable
{
    /// <summary>The longest part that is asked for beyond what a frame takes, in bytes.</summary>
    public const int LongestPart = 4 << 20;

    // A part behind another this near is one of a sequence.
    const int Near = 512 << 10;
    const int FirstPart = 512 << 10;

    // What is left between two parts is read along where it is no longer than this: that takes less time than another request.
    const int SmallRest = 128 << 10;

    // Guards the collections, the ranges' links and flags.
    readonly Lock _gate = new();

    // Those of a pack by their starts.
    readonly Dictionary<uint, List<PackRange>> _byPack = [];
    readonly LinkedList<PackRange> _byUse = [];
    readonly SemaphoreSlim _requests = new(parallel);
    long _held;
    bool _isDisposed;

    /// <summary>The parts that hold a frame, one after the other.</summary>
    /// <param name="slot">The pack.</param>
    /// <param name="offset">Where the frame starts.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>The parts, acquired for the caller; wait for <see cref="PackRange.WhenRead"/> of each.</returns>
    public PackRange[] Get(uint slot, long offset, int length)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Fill(slot, offset, length);
            var parts = _byPack[slot];
            var first = IndexOf(parts, offset);
            var count = 1;
            while (parts[first + count - 1].End < offset + length)
                count++;
            var found = new PackRange[count];
            for (var i = 0; i < count; i++)
            {
                var part = found[i] = parts[first + i];
                part.TryAcquire();
                _byUse.Remove(part.Use!);
                _byUse.AddLast(part.Use!);
            }

            Follow(slot, found[^1], offset);
            DropOldest();
            return found;
        }
    }

    /// <summary>Asks for what is not asked for yet of an extent.</summary>
    public void Ensure(uint slot, long offset, int length)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            Fill(slot, offset, length);
            DropOldest();
        }
    }

    /// <summary>Forgets what is known of a pack: something of it proved wrong.</summary>
    public void Forget(uint slot)
    {
        lock (_gate)
        {
            if (!_byPack.TryGetValue(slot, out var ranges))
                return;
            foreach (var range in ranges.ToArray())
                Drop(range);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            while (_byUse.First is { } first)
                Drop(first.Value);
        }
    }

    /// <summary>Which of the parts holds an offset, or is the first behind it.</summary>
    static int IndexOf(List<PackRange> parts, long offset)
    {
        var (low, high) = (0, parts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (parts[middle].End <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    // Drops no others for the room that is taken: the caller has yet to acquire what is there of what it asked for.
    void Fill(uint slot, long offset, int length)
    {
        ForgetFailed(slot);
        if (!_byPack.TryGetValue(slot, out var parts))
            _byPack.Add(slot, parts = []);
        var (at, end) = (offset, offset + length);
        for (var i = IndexOf(parts, at); at < end; i++)
        {
            if (i == parts.Count || parts[i].Start > at)
            {
                var limit = i < parts.Count ? parts[i].Start : long.MaxValue;
                parts.Insert(i, Start(slot, at, SizeOf(RunBefore(parts, i, at), (int)(Math.Min(end, limit) - at), limit - at)));
            }

            at = parts[i].End;
        }
    }

    // What failed may go better now.
    void ForgetFailed(uint slot)
    {
        if (!_byPack.TryGetValue(slot, out var parts))
            return;
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            if (parts[i].WhenRead.IsFaulted)
                Drop(parts[i]);
        }
    }

    /// <summary>How many bytes lie before an offset in parts that follow each other; it need not be told beyond the longest part.</summary>
    static long RunBefore(List<PackRange> parts, int next, long offset)
    {
        var run = 0L;
        for (var i = next - 1; i >= 0 && run < LongestPart && offset - parts[i].End < Near; i--)
        {
            run += parts[i].Asked;
            offset = parts[i].Start;
        }

        return run;
    }

    static int SizeOf(long run, int needed, long room)
    {
        var size = run == 0 ? needed : Math.Max(needed, Math.Clamp(run, FirstPart, LongestPart));
        return (int)(room - size <= SmallRest ? room : size);
    }

    /// <summary>Asks for the part behind one that is read in its second half, where that is one of a sequence.</summary>
    void Follow(uint slot, PackRange range, long offset)
    {
        if (range.IsFollowed || !range.WhenRead.IsCompletedSuccessfully || range.Length < range.Asked || offset < range.Start + (range.Asked / 2))
            return;
        range.IsFollowed = true;
        var parts = _byPack[slot];
        var next = IndexOf(parts, range.End);
        var room = next < parts.Count ? parts[next].Start - range.End : long.MaxValue;
        var run = RunBefore(parts, next, range.End);
        if (room > 0 && run >= FirstPart)
            parts.Insert(next, Start(slot, range.End, SizeOf(run, 0, room)));
    }

    PackRange Start(uint slot, long offset, int length)
    {
        var range = new PackRange(slot, offset, length);
        range.Use = _byUse.AddLast(range);
        _held += length;
        range.TryAcquire();
        _ = Task.Run(() => ReadAsync(range));
        return range;
    }

    void DropOldest()
    {
        while (_held > budget && _byUse.Count > 1)
            Drop(_byUse.First!.Value);
    }

    async Task ReadAsync(PackRange range)
    {
        try
        {
            await range.ReadAsync(async bytes =>
            {
                await _requests.WaitAsync();
                try
                {
                    return await bucket.ReadRangeAsync(S3Layout.Pack(index.PackAt(range.Slot)), range.Start, bytes, CancellationToken.None);
                }
                finally
                {
                    _requests.Release();
                }
            });
        }
        finally
        {
            Settle(range);
        }
    }

    // What is no part of anything is kept no longer than by those who wait for it.
    void Settle(PackRange range)
    {
        if (range.WhenRead.IsFaulted || range.Length < 0)
        {
            lock (_gate)
                Drop(range);
        }

        range.Release();
    }

    void Drop(PackRange range)
    {
        if (range.Use is null)
            return;
        _byUse.Remove(range.Use);
        range.Use = null;
        _held -= range.Asked;
        var ranges = _byPack[range.Slot];
        ranges.Remove(range);
        if (ranges.Count == 0)
            _byPack.Remove(range.Slot);
        range.Release();
    }
}
