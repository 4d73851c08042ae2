namespace Vt.Files.BackedFiles;

/// <summary>
/// Ranges of a file that somebody has allocated and nobody has written since: fallocate(2). They count as blocks of the file, so that st_blocks tells
/// what was asked for, and are kept as long as the inode is in memory. In order, apart from each other, and of whole pages. Not thread safe.
/// </summary>
sealed class ReservedRanges
{
    public const long Page = 4096;

    // More are a pattern that nobody asks blocks of; the shortest part of what was allocated is forgotten then.
    const int Most = 4096;

    readonly List<(long Start, long End)> _ranges = [];

    /// <summary>How many bytes they have together.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a range, made larger to whole pages.</summary>
    public void Add(long start, long end)
    {
        (start, end) = Pages(start, end);
        var first = IndexOf(start);
        if (first > 0 && _ranges[first - 1].End == start)
            first--;
        var last = first;
        for (; last < _ranges.Count && _ranges[last].Start <= end; last++)
        {
            start = Math.Min(start, _ranges[last].Start);
            end = Math.Max(end, _ranges[last].End);
            Bytes -= _ranges[last].End - _ranges[last].Start;
        }

        _ranges.RemoveRange(first, last - first);
        if (_ranges.Count >= Most)
            return;
        _ranges.Insert(first, (start, end));
        Bytes += end - start;
    }

    /// <summary>Takes out every page of which a part lies in a range.</summary>
    public void Remove(long start, long end)
    {
        if (_ranges.Count == 0 || start >= end)
            return;
        (start, end) = Pages(start, end);
        for (var i = IndexOf(start); i < _ranges.Count && _ranges[i].Start < end;)
        {
            var (from, to) = _ranges[i];
            Bytes -= Math.Min(to, end) - Math.Max(from, start);
            _ranges.RemoveAt(i);
            if (from < start)
                _ranges.Insert(i++, (from, start));
            if (to > end)
                _ranges.Insert(i++, (end, to));
        }
    }

    // The first range that ends behind an offset.
    int IndexOf(long offset)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].End > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    static (long Start, long End) Pages(long start, long end) => (start / Page * Page, end > long.MaxValue - Page ? long.MaxValue : (end + Page - 1) / Page * Page);
}
