using System.Globalization;

namespace Vt.Stores.Config;

/// <summary>
/// Sizes as people write them: a whole number, blanks if wanted, and a unit. <c>k M G T P</c>, with or without a <c>B</c>, are
/// powers of 1000; <c>Ki Mi Gi Ti Pi</c> are powers of 1024. Case does not matter.
/// </summary>
public static class ScaledSize
{
    const string Prefixes = "kmgtp";

    /// <summary>Reads a size in bytes.</summary>
    /// <returns>Whether <paramref name="text"/> was a size that fits in 63 bits.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        text = text.Trim();
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        if (!long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        if (!TryScale(text[digits..].TrimStart(), out var scale) || number > long.MaxValue / scale)
            return false;
        bytes = number * scale;
        return true;
    }

    /// <summary>
    /// The shortest text that <see cref="TryParse"/> reads back as exactly these bytes: in the largest power of 1024 that divides them.
    /// </summary>
    public static string ToText(long bytes)
    {
        var unit = -1;
        while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < Prefixes.Length)
        {
            bytes /= 1024;
            unit++;
        }

        return unit < 0
            ? bytes.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{bytes} {char.ToUpperInvariant(Prefixes[unit])}iB");
    }

    static bool TryScale(ReadOnlySpan<char> unit, out long scale)
    {
        scale = 1;
        if (unit.IsEmpty || unit.Equals("B", StringComparison.OrdinalIgnoreCase))
            return true;
        var power = Prefixes.IndexOf(char.ToLowerInvariant(unit[0]), StringComparison.Ordinal) + 1;
        if (power == 0)
            return false;
        unit = unit[1..];
        long factor = 1000;
        if (!unit.IsEmpty && unit[0] is 'i' or 'I')
        {
            factor = 1024;
            unit = unit[1..];
        }

        if (!unit.IsEmpty && !unit.Equals("B", StringComparison.OrdinalIgnoreCase))
            return false;
        for (var i = 0; i < power; i++)
            scale *= factor;
        return true;
    }
}
