using System.Globalization;
using System.Text;
using Vt.Blocks.Encoding;

namespace Vt.Stores.DataDir.Text;

/// <summary>
/// A line of our append-only text files: fields in UTF-8 with tabs between them, a tab, the CRC-32C of all bytes before that tab as
/// eight hexadecimal digits, a line feed. In fields, percent, tab, line feed and carriage return stand as <c>%25</c>, <c>%09</c>,
/// <c>%0A</c> and <c>%0D</c>.
/// </summary>
static class CheckedLine
{
    /// <summary>The longest line that is read; longer ones are damage.</summary>
    public const int Longest = 8 << 20;

    const int CheckLength = 8;
    const byte Tab = (byte)'\t';

    static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A line's bytes, line feed included.</summary>
    public static byte[] Write(params ReadOnlySpan<string> fields)
    {
        var text = new StringBuilder();
        foreach (var field in fields)
        {
            if (text.Length > 0)
                text.Append('\t');
            text.Append(Escape(field));
        }

        var check = Crc32C.Compute(_strict.GetBytes(text.ToString()));
        text.Append(CultureInfo.InvariantCulture, $"\t{check:x8}\n");
        return _strict.GetBytes(text.ToString());
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">Its bytes without the line feed.</param>
    /// <returns>The fields; null where the checksum is wrong or missing.</returns>
    public static string[]? TryRead(ReadOnlySpan<byte> line)
    {
        var tab = line.Length - CheckLength - 1;
        if (tab < 0 || line[tab] != Tab)
            return null;
        Span<byte> expected = stackalloc byte[CheckLength];
        Crc32C.Compute(line[..tab]).TryFormat(expected, out _, "x8", CultureInfo.InvariantCulture);
        if (!line[(tab + 1)..].SequenceEqual(expected))
            return null;
        try
        {
            var fields = _strict.GetString(line[..tab]).Split('\t');
            for (var i = 0; i < fields.Length; i++)
                fields[i] = Unescape(fields[i]);
            return fields;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Goes through a file's lines.</summary>
    /// <param name="bytes">The file from a line's start.</param>
    /// <returns>Each line that ends in a line feed, with null fields where it is damaged; last, where there is one, a torn line.</returns>
    public static List<CheckedLineAt> ReadAll(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<CheckedLineAt>();
        var start = 0;
        while (start < bytes.Length)
        {
            var length = bytes[start..].IndexOf((byte)'\n');
            if (length < 0)
            {
                lines.Add(new CheckedLineAt(start, null, IsTorn: true));
                break;
            }

            lines.Add(new CheckedLineAt(start, TryRead(bytes.Slice(start, length)), IsTorn: false));
            start += length + 1;
        }

        return lines;
    }

    static string Escape(string field) =>
        field.AsSpan().IndexOfAny("%\t\n\r") < 0
            ? field
            : field.Replace("%", "%25", StringComparison.Ordinal).Replace("\t", "%09", StringComparison.Ordinal)
                .Replace("\n", "%0A", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal);

    static string Unescape(string field) =>
        !field.Contains('%', StringComparison.Ordinal)
            ? field
            : field.Replace("%09", "\t", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal)
                .Replace("%0D", "\r", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
}
