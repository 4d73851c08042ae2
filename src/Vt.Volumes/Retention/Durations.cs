using System.Globalization;
using Vt.Blocks.Contracts;

namespace Vt.Volumes.Retention;

/// <summary>Durations as people write them: a number and one of <c>s</c>, <c>m</c>, <c>h</c>, <c>d</c> and <c>w</c>.</summary>
public static class Durations
{
    // Longer than any schedule, and short enough to be counted in ticks.
    const int MostWeeks = 100_000;

    /// <summary>Reads a duration.</summary>
    /// <exception cref="UserErrorException">The text is none, or it is 0 or more than 100000 weeks.</exception>
    public static TimeSpan Parse(string text)
    {
        var unit = text.Length < 2 ? TimeSpan.Zero : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            'w' => TimeSpan.FromDays(7),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 && number <= TimeSpan.FromDays(7L * MostWeeks) / unit
            ? unit * number
            : throw new UserErrorException($"'{text}' is no duration; write 90s, 10m, 1h, 1d or 2w");
    }
}
