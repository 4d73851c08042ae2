using System.Buffers.Binary;
using System.Buffers.Text;
using Vt.Blocks.Contracts;
using Vt.Trees.Meta;

namespace Vt.Trees.Tar.Reading;

/// <summary>Numbers as header blocks and extended headers have them.</summary>
static class TarNumbers
{
    const int MostDigits = 9;

    /// <summary>A field of a header block: octal digits, or a binary number where the first bit is set (GNU tar, star).</summary>
    /// <exception cref="FormatInvalidException">It is neither, or beyond 63 bits.</exception>
    public static long ReadField(ReadOnlySpan<byte> field, string what)
    {
        if ((field[0] & 0x80) != 0)
            return ReadBinary(field, what);
        var digits = field.Trim(" \0"u8);
        var end = digits.IndexOfAny((byte)' ', (byte)0);
        if (end >= 0)
            digits = digits[..end];
        var number = 0L;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7' || number > long.MaxValue >> 3)
                throw new FormatInvalidException($"a member's {what} is no number");
            number = (number << 3) | (uint)(digit - '0');
        }

        return number;
    }

    /// <summary>A decimal number of an extended header.</summary>
    /// <exception cref="FormatInvalidException">It is none, or negative.</exception>
    public static long ReadDecimal(ReadOnlySpan<byte> text, string what) =>
        Utf8Parser.TryParse(text, out long number, out var used) && used == text.Length && number >= 0
            ? number
            : throw new FormatInvalidException($"a member's {what} is no number");

    /// <summary>A number of 32 bits.</summary>
    /// <exception cref="FormatInvalidException">It is larger or negative.</exception>
    public static uint Narrow(long number, string what) => number is >= 0 and <= uint.MaxValue ? (uint)number : throw new FormatInvalidException($"a member's {what} is {number}");

    /// <summary>A time of an extended header: seconds, with a fraction or not, negative as a whole before 1970.</summary>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static Timestamp ReadTime(ReadOnlySpan<byte> text)
    {
        var isNegative = text is [(byte)'-', ..];
        var rest = isNegative ? text[1..] : text;
        var point = rest.IndexOf((byte)'.');
        var seconds = ReadDecimal(point < 0 ? rest : rest[..point], "time");
        var fraction = 0u;
        var digits = point < 0 ? default : rest[(point + 1)..];
        for (var i = 0; i < MostDigits; i++)
        {
            var digit = i < digits.Length ? digits[i] : (byte)'0';
            if (!char.IsAsciiDigit((char)digit))
                throw new FormatInvalidException("a member's time is no number");
            fraction = (fraction * 10) + (uint)(digit - '0');
        }

        return !isNegative ? new Timestamp(seconds, fraction)
            : fraction == 0 ? new Timestamp(-seconds, 0)
            : new Timestamp(-seconds - 1, Timestamp.NanosecondsPerSecond - fraction);
    }

    static long ReadBinary(ReadOnlySpan<byte> field, string what)
    {
        // Two's complement over the field but its first bit, which only marks it.
        var isNegative = (field[0] & 0x40) != 0;
        Span<byte> wide = stackalloc byte[field.Length];
        field.CopyTo(wide);
        wide[0] = (byte)(isNegative ? wide[0] | 0x80 : wide[0] & 0x7f);
        if (wide.Length > 8)
        {
            if (wide[..^8].ContainsAnyExcept((byte)(isNegative ? 0xff : 0)))
                throw new FormatInvalidException($"a member's {what} is beyond all bounds");
            wide = wide[^8..];
        }

        Span<byte> number = stackalloc byte[8];
        number.Fill((byte)(isNegative ? 0xff : 0));
        wide.CopyTo(number[(8 - wide.Length)..]);
        var value = BinaryPrimitives.ReadInt64BigEndian(number);
        return value < 0 == isNegative ? value : throw new FormatInvalidException($"a member's {what} is beyond all bounds");
    }
}
