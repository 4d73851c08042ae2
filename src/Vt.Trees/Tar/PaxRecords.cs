using System.Buffers.Text;
using System.Text;
using Vt.Blocks.Encoding;

namespace Vt.Trees.Tar;

/// <summary>The records of a pax extended header: <c>length keyword=value\n</c> each, the length counting itself (pax(1), POSIX.1-2017).</summary>
/// <param name="writer">Receives them.</param>
sealed class PaxRecords(ByteWriter writer)
{
    /// <summary>Adds a number.</summary>
    public void Add(ReadOnlySpan<byte> keyword, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Add(keyword, digits[..length]);
    }

    /// <summary>Adds a time: seconds with as many digits behind the point as it takes, and negative as a whole before 1970.</summary>
    public void Add(ReadOnlySpan<byte> keyword, Meta.Timestamp time)
    {
        var isNegative = time.Seconds < 0;
        var part = isNegative && time.Nanoseconds > 0 ? Meta.Timestamp.NanosecondsPerSecond - time.Nanoseconds : time.Nanoseconds;
        var seconds = isNegative ? (Int128)0 - time.Seconds - (part > 0 ? 1 : 0) : time.Seconds;
        var text = $"{(isNegative ? "-" : "")}{seconds}" + (part > 0 ? $".{part:000000000}".TrimEnd('0') : "");
        Add(keyword, Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Adds an extended attribute, as star and GNU tar name it. An equals sign would end the keyword, so it is written as GNU tar does.</summary>
    public void AddXattr(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        using var keyword = new ByteWriter();
        keyword.WriteBytes("SCHILY.xattr."u8);
        foreach (var letter in name)
        {
            if (letter == '=')
                keyword.WriteBytes("%3D"u8);
            else if (letter == '%')
                keyword.WriteBytes("%25"u8);
            else
                keyword.WriteByte(letter);
        }

        Add(keyword.Written, value);
    }

    /// <summary>Adds a record.</summary>
    /// <param name="keyword">Any bytes but NUL and the equals sign.</param>
    /// <param name="value">Any bytes.</param>
    public void Add(ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> value)
    {
        // Space, equals sign and line feed; then as many digits as the sum has that counts them too.
        var rest = keyword.Length + value.Length + 3;
        var length = rest + 1;
        while (rest + DigitsOf(length) != length)
            length = rest + DigitsOf(length);
        Utf8Formatter.TryFormat(length, writer.Reserve(DigitsOf(length)), out _);
        writer.WriteByte((byte)' ');
        writer.WriteBytes(keyword);
        writer.WriteByte((byte)'=');
        writer.WriteBytes(value);
        writer.WriteByte((byte)'\n');
    }

    static int DigitsOf(int number)
    {
        var digits = 1;
        while ((number /= 10) > 0)
            digits++;
        return digits;
    }
}
