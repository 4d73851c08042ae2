using System.Globalization;

namespace Vt.Output;

/// <summary>Sizes and times in few characters, for people.</summary>
static class HumanText
{
    static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A size with three figures: <c>999 B</c>, <c>1.23 MiB</c>.</summary>
    public static string Size(double bytes)
    {
        var unit = 0;
        while (Math.Abs(bytes) >= 999.5 && unit + 1 < Units.Length)
        {
            bytes /= 1024;
            unit++;
        }

        var digits = unit == 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2;
        return $"{bytes.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>A number with commas between its thousands.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number of things: <c>1 block</c>, <c>2,000 blocks</c>.</summary>
    /// <param name="number">How many.</param>
    /// <param name="one">What one is called.</param>
    /// <param name="many">What several, or none, are called; with an s behind when null.</param>
    public static string Count(long number, string one, string? many = null) => $"{Count(number)} {(number == 1 ? one : many ?? one + "s")}";

    /// <summary>A duration as <c>m:ss</c> or <c>h:mm:ss</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        var seconds = (long)Math.Min(time.TotalSeconds, TimeSpan.MaxValue.TotalSeconds / 2);
        return seconds < 3600
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}");
    }

    /// <summary>A share of a whole in percent; of nothing it is 0 %.</summary>
    public static string Percent(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole == 0 ? 0 : 100.0 * part / whole):F1} %");
}
