using System.Globalization;

namespace Vt.Trees.Meta;

/// <summary>A moment as file systems keep it: seconds since 1970-01-01T00:00:00Z, leap seconds not counted, and nanoseconds.</summary>
/// <param name="Seconds">Whole seconds, rounded towards the past; negative before 1970.</param>
/// <param name="Nanoseconds">What comes on top, from 0 to 999,999,999.</param>
public readonly record struct Timestamp(long Seconds, uint Nanoseconds) : IComparable<Timestamp>
{
    /// <summary>How many nanoseconds make a second.</summary>
    public const uint NanosecondsPerSecond = 1_000_000_000;

    const uint NanosecondsPerTick = 100;

    /// <summary>Whether the nanoseconds are less than a second.</summary>
    public bool IsValid => Nanoseconds < NanosecondsPerSecond;

    /// <summary>The moment that a date and time mean; their 100 ns are kept.</summary>
    public static Timestamp From(DateTimeOffset moment)
    {
        var ticks = moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        return new Timestamp(seconds, (uint)rest * NanosecondsPerTick);
    }

    /// <summary>The date and time, rounded to 100 ns towards the past; the first or last that there is where it lies beyond those.</summary>
    public DateTimeOffset ToDateTimeOffset()
    {
        if (Seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds())
            return DateTimeOffset.MinValue;
        if (Seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return DateTimeOffset.MaxValue;
        return DateTimeOffset.FromUnixTimeSeconds(Seconds).AddTicks(Nanoseconds / NanosecondsPerTick);
    }

    /// <inheritdoc/>
    public int CompareTo(Timestamp other)
    {
        var bySeconds = Seconds.CompareTo(other.Seconds);
        return bySeconds != 0 ? bySeconds : Nanoseconds.CompareTo(other.Nanoseconds);
    }

    /// <summary>Seconds, a point, nine digits: <c>1700000000.000000001</c>. Before 1970 the seconds are negative and the digits still count forwards.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seconds}.{Nanoseconds:000000000}");

    /// <summary>Reads what <see cref="ToString"/> gives; a fraction of fewer digits, or none, is filled with zeros.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Timestamp value)
    {
        value = default;
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        if (!long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) || whole[0] == '+')
            return false;
        uint nanoseconds = 0;
        if (point >= 0)
        {
            var digits = text[(point + 1)..];
            if (digits.Length is < 1 or > 9 || !uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out nanoseconds))
                return false;
            for (var i = digits.Length; i < 9; i++)
                nanoseconds *= 10;
        }

        value = new Timestamp(seconds, nanoseconds);
        return true;
    }

    /// <summary>Whether the left moment comes first.</summary>
    public static bool operator <(Timestamp left, Timestamp right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left moment comes first or is the same.</summary>
    public static bool operator <=(Timestamp left, Timestamp right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left moment comes last.</summary>
    public static bool operator >(Timestamp left, Timestamp right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left moment comes last or is the same.</summary>
    public static bool operator >=(Timestamp left, Timestamp right) => left.CompareTo(right) >= 0;
}
