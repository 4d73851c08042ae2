using Vt.Stores.S3.Access;
using Vt.Stores.S3.Index;

namespace Vt.Stores.S3.Reading;

/// <summary>
/// Parts of packs that were read lately or are being read. One who reads a pack from front to back gets ever larger parts, and the next one ahead; one who reads here and there gets what was asked for.
/// Thread-safe.
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

    // Guards the collections, the ranges' links and flags.
    readonly Lock _gate = new();
    readonly Dictionary<uint, List<PackRange>> _byPack = [];
    readonly LinkedList<PackRange> _byUse = [];
    readonly SemaphoreSlim _requests = new(parallel);
    long _held;
    bool _isDisposed;

    /// <summary>A part that covers a frame.</summary>
    /// <param name="slot">The pack.</param>
    /// <param name="offset">Where the frame starts.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>The part, acquired for the caller; wait for <see cref="PackRange.WhenRead"/>.</returns>
    public PackRange Get(uint slot, long offset, int length)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (Find(slot, offset, length) is { } known)
            {
                _byUse.Remove(known.Use!);
                _byUse.AddLast(known.Use!);
                known.TryAcquire();
                Follow(known, offset);
                return known;
            }

            var before = FindBefore(slot, offset);
            var size = before is null ? length : Math.Max(length, Math.Clamp(before.Asked * 2, FirstPart, LongestPart));
            var range = Start(slot, offset, size);
            range.TryAcquire();
            return range;
        }
    }

    /// <summary>Asks for an extent, unless it is asked for already.</summary>
    public void Ensure(uint slot, long offset, int length)
    {
        lock (_gate)
        {
            if (!_isDisposed && Find(slot, offset, length) is null)
                Start(slot, offset, length);
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

    PackRange? Find(uint slot, long offset, int length)
    {
        if (!_byPack.TryGetValue(slot, out var ranges))
            return null;
        foreach (var range in ranges)
        {
            if (range.Covers(offset, length) && !range.WhenRead.IsFaulted)
                return range;
        }

        return null;
    }

    PackRange? FindBefore(uint slot, long offset)
    {
        if (!_byPack.TryGetValue(slot, out var ranges))
            return null;
        foreach (var range in ranges)
        {
            if (range.Start < offset && offset - (range.Start + range.Asked) is > -Near and < Near)
                return range;
        }

        return null;
    }

    /// <summary>Asks for the part behind one that is read in its second half, where that is one of a sequence.</summary>
    void Follow(PackRange range, long offset)
    {
        if (range.IsFollowed || range.Asked < FirstPart || !range.WhenRead.IsCompletedSuccessfully || range.Length < range.Asked
            || offset < range.Start + (range.Asked / 2) || range.FramesEnd <= range.Start)
        {
            return;
        }

        range.IsFollowed = true;
        if (Find(range.Slot, range.FramesEnd, 1) is not { } next || next == range)
            Start(range.Slot, range.FramesEnd, Math.Min(range.Asked * 2, LongestPart));
    }

    PackRange Start(uint slot, long offset, int length)
    {
        var range = new PackRange(slot, offset, length);
        if (!_byPack.TryGetValue(slot, out var ranges))
            _byPack.Add(slot, ranges = []);
        ranges.Add(range);
        range.Use = _byUse.AddLast(range);
        _held += length;
        while (_held > budget && _byUse.First is { } oldest && oldest.Value != range)
            Drop(oldest.Value);
        range.TryAcquire();
        _ = Task.Run(() => ReadAsync(range));
        return range;
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
            if (range.WhenRead.IsFaulted || range.Length < 0)
            {
                lock (_gate)
                    Drop(range);
            }

            range.Release();
        }
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
