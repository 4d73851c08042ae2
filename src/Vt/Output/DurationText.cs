using System.Globalization;

namespace Vt.Output;

/// <summary>Lengths of time as people write them: a number with ms, s, m, h, d or w behind it, or several of these, the largest first; a number alone is seconds.</summary>
static class DurationText
{
    static readonly (string Unit, TimeSpan Length)[] _units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)), ("w", TimeSpan.FromDays(7)),
    ];

    /// <summary>Reads one that is longer than nothing.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var last = TimeSpan.MaxValue;
        for (var at = 0; at < text.Length;)
        {
            var digits = text.AsSpan(at).IndexOfAnyExcept("0123456789.");
            var end = digits < 0 ? text.Length : at + digits;
            var rest = text.AsSpan(end);
            var letters = rest.IndexOfAnyExceptInRange('a', 'z');
            var word = letters < 0 ? rest : rest[..letters];
            var unit = word.IsEmpty && at == 0 ? TimeSpan.FromSeconds(1) : UnitOf(word);
            if (unit is not { } length || length >= last || !decimal.TryParse(text.AsSpan(at, end - at), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                || count > 1_000_000_000)
            {
                return false;
            }

            duration += TimeSpan.FromTicks((long)(count * length.Ticks));
            (last, at) = (length, end + word.Length);
        }

        return duration > TimeSpan.Zero;
    }

    static TimeSpan? UnitOf(ReadOnlySpan<char> word)
    {
        foreach (var (unit, length) in _units)
        {
            if (word.SequenceEqual(unit))
                return length;
        }

        return null;
    }
}
