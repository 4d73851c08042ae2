using System.Globalization;

namespace Vt.Hosts.HttpServer;

/// <summary>Reads the Range header (RFC 9110, 14.2).</summary>
static class RangeHeader
{
    /// <summary>The most ranges that are looked at: a request with more of them gets the whole.</summary>
    public const int MostRanges = 100;

    // What comes before each of several ranges is about that long.
    const int Overhead = 80;

    /// <summary>Finds the ranges that are asked for.</summary>
    /// <param name="header">The header's value.</param>
    /// <param name="length">The content's length.</param>
    /// <returns>
    /// Null where the header is to be passed over: of another unit, malformed, too much. Empty where no range is within the content. Else ranges none of which
    /// overlaps another, in the order asked for where that was so already.
    /// </returns>
    public static IReadOnlyList<ByteRange>? Parse(ReadOnlySpan<char> header, long length)
    {
        const string Unit = "bytes=";
        header = header.Trim();
        if (!header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
            return null;
        header = header[Unit.Length..];
        var ranges = new List<ByteRange>();
        var count = 0;
        foreach (var part in header.Split(','))
        {
            var text = header[part].Trim();
            if (text.IsEmpty)
                continue;
            if (++count > MostRanges || !TryParse(text, length, out var range))
                return null;
            if (range is { } satisfiable)
                ranges.Add(satisfiable);
        }

        return count == 0 ? null : Disjoint(ranges);
    }

    // FIRST-LAST, FIRST- or -COUNT; no range where nothing of it is there.
    static bool TryParse(ReadOnlySpan<char> text, long length, out ByteRange? range)
    {
        range = null;
        var dash = text.IndexOf('-');
        if (dash < 0)
            return false;
        var before = text[..dash].Trim();
        var after = text[(dash + 1)..].Trim();
        if (before.IsEmpty)
        {
            if (!TryParseNumber(after, out var suffix))
                return false;
            if (suffix > 0 && length > 0)
                range = new ByteRange(Math.Max(0, length - suffix), length - 1);
            return true;
        }

        var last = long.MaxValue;
        if (!TryParseNumber(before, out var first) || (!after.IsEmpty && !TryParseNumber(after, out last)) || last < first)
            return false;
        if (first < length)
            range = new ByteRange(first, Math.Min(last, length - 1));
        return true;
    }

    // Numbers that are larger than any content are as good as the largest.
    static bool TryParseNumber(ReadOnlySpan<char> text, out long number)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return true;
        number = long.MaxValue;
        return !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0;
    }

    static List<ByteRange> Disjoint(List<ByteRange> ranges)
    {
        var isInOrder = true;
        for (var i = 1; i < ranges.Count && isInOrder; i++)
            isInOrder = ranges[i].First > ranges[i - 1].Last + Overhead;
        if (isInOrder)
            return ranges;
        ranges.Sort(static (a, b) => a.First.CompareTo(b.First));
        var merged = new List<ByteRange>(ranges.Count);
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && range.First - merged[^1].Last <= Overhead)
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, range.Last) };
            else
                merged.Add(range);
        }

        return merged;
    }
}
