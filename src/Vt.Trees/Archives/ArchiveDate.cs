using System.Globalization;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>
/// The date in <c>ARCHIVE.vt@DATE</c>: a day, a minute or a second, or seconds since 1970. It means the newest state that was
/// saved before that day, minute or second was over, so that what a listing shows finds what it shows.
/// </summary>
public static class ArchiveDate
{
    static readonly (string Format, TimeSpan Length)[] Forms =
    [
        ("yyyy-MM-dd", TimeSpan.FromDays(1)),
        ("yyyy-MM-ddTHH:mm", TimeSpan.FromMinutes(1)),
        ("yyyy-MM-ddTHH:mm:ss", TimeSpan.FromSeconds(1)),
        ("yyyy-MM-ddTHH:mm:ss.FFFFFFF", TimeSpan.FromTicks(1)),
    ];

    /// <summary>Reads a date.</summary>
    /// <param name="text">
    /// <c>2026-11-21</c>, <c>2026-11-21T07:30</c>, <c>2026-11-21T07:30:00</c>, with a fraction or not, with <c>Z</c> or
    /// <c>+01:00</c> or in the zone given; or <c>1700000000</c>, with a fraction or not.
    /// </param>
    /// <param name="zone">The zone of dates that don't name one.</param>
    /// <param name="last">The last moment that belongs to the date.</param>
    /// <returns>Whether the text was a date.</returns>
    public static bool TryParse(string text, TimeZoneInfo zone, out Timestamp last) => TryParse(text, zone, out _, out last);

    /// <summary>Reads a date, as the first moment that belongs to it and the last.</summary>
    public static bool TryParse(string text, TimeZoneInfo zone, out Timestamp first, out Timestamp last)
    {
        if (Timestamp.TryParse(text, out first))
        {
            last = text.Contains('.', StringComparison.Ordinal) ? first : first with { Nanoseconds = Timestamp.NanosecondsPerSecond - 1 };
            return true;
        }

        foreach (var (format, length) in Forms)
        {
            if (DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            {
                var start = new DateTimeOffset(local, zone.GetUtcOffset(local));
                (first, last) = (Timestamp.From(start), LastOf(start, length));
                return true;
            }

            if (DateTimeOffset.TryParseExact(text, format + "K", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            {
                (first, last) = (Timestamp.From(moment), LastOf(moment, length));
                return true;
            }
        }

        last = default;
        return false;
    }

    static Timestamp LastOf(DateTimeOffset start, TimeSpan length)
    {
        var tick = Timestamp.From(start.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - length.Ticks ? DateTimeOffset.MaxValue : start + length - TimeSpan.FromTicks(1));
        return tick with { Nanoseconds = tick.Nanoseconds + 99 };
    }
}
