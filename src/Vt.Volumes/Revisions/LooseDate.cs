using System.Globalization;
using Vt.Trees.Archives;
using Vt.Trees.Meta;

namespace Vt.Volumes.Revisions;

/// <summary>
/// A date as people say it: what <see cref="ArchiveDate"/> reads, <c>now</c>, <c>today</c>, <c>yesterday</c>, <c>noon</c>, <c>midnight</c>, <c>last week</c>,
/// <c>3 days ago</c>, <c>2.hours.ago</c>, <c>1 month 2 weeks ago</c>. Blanks, points and hyphens between words count alike.
/// </summary>
public static class LooseDate
{
    /// <summary>Reads a date.</summary>
    /// <param name="text">The date.</param>
    /// <param name="now">What <c>now</c> means.</param>
    /// <param name="zone">The zone of dates that don't name one.</param>
    /// <param name="last">The last moment that belongs to it.</param>
    /// <returns>Whether the text was a date.</returns>
    public static bool TryParse(string text, DateTimeOffset now, TimeZoneInfo zone, out Timestamp last) => TryParse(text, now, zone, out _, out last);

    /// <summary>Reads a date, as the first moment that belongs to it and the last; of one that is told by its distance from now they are one moment.</summary>
    public static bool TryParse(string text, DateTimeOffset now, TimeZoneInfo zone, out Timestamp first, out Timestamp last)
    {
        // Of digits alone only those that can't be anything else are seconds since 1970.
        if ((text.Length >= 9 || text.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0) && ArchiveDate.TryParse(text.Replace(' ', 'T'), zone, out first, out last))
            return true;
        first = last = default;
        var words = text.ToLowerInvariant().Split([' ', '.', '-', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return false;
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var moment = words switch
        {
            ["now"] or ["today"] => local,
            ["yesterday"] => local.AddDays(-1),
            ["midnight"] => At(local, 0),
            ["noon"] => local.Hour >= 12 ? At(local, 12) : At(local, 12).AddDays(-1),
            ["last", var unit] => Before(local, 1, unit),
            _ => Ago(local, words),
        };
        if (moment is not { } found)
            return false;
        first = last = Timestamp.From(found);
        return true;
    }

    static DateTimeOffset At(DateTimeOffset day, int hour) => new(day.Year, day.Month, day.Day, hour, 0, 0, day.Offset);

    static DateTimeOffset? Ago(DateTimeOffset moment, ReadOnlySpan<string> words)
    {
        if (words[^1] == "ago")
            words = words[..^1];
        if (words.IsEmpty || words.Length % 2 != 0)
            return null;
        for (; !words.IsEmpty; words = words[2..])
        {
            if (Number(words[0]) is not { } number || Before(moment, number, words[1]) is not { } before)
                return null;
            moment = before;
        }

        return moment;
    }

    static int? Number(string word) => word is "a" or "an" or "one" ? 1
        : int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    static DateTimeOffset? Before(DateTimeOffset moment, int number, string unit)
    {
        try
        {
            return unit.TrimEnd('s') switch
            {
                "second" or "sec" => moment.AddSeconds(-number),
                "minute" or "min" => moment.AddMinutes(-number),
                "hour" => moment.AddHours(-number),
                "day" => moment.AddDays(-number),
                "week" => moment.AddDays(-7.0 * number),
                "month" => moment.AddMonths(-number),
                "year" => moment.AddYears(-number),
                _ => null,
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            return DateTimeOffset.MinValue;
        }
    }
}
