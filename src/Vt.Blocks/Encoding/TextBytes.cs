using System.Text;
using Vt.Blocks.Contracts;

namespace Vt.Blocks.Encoding;

/// <summary>
/// Byte strings in text forms: between double quotes, printable ASCII as it is, everything else (the space too) as
/// <c>\xNN</c>, and <c>\\</c> and <c>\"</c> for those two. So the text has no white space, survives any terminal and any
/// editor, and gives back the very bytes. Writing is canonical: equal bytes have equal text. Reading also takes hexadecimal
/// digits in capitals and escapes that were not needed.
/// </summary>
public static class TextBytes
{
    /// <summary>The quoted text of some bytes.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length + 2);
        AppendQuoted(text, bytes);
        return text.ToString();
    }

    /// <summary>Writes the quoted text of some bytes behind what is there.</summary>
    public static void AppendQuoted(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        text.Append('"');
        foreach (var b in bytes)
        {
            if (b is (byte)'\\' or (byte)'"')
                text.Append('\\').Append((char)b);
            else if (b is > 0x20 and < 0x7f)
                text.Append((char)b);
            else
                text.Append("\\x").Append(HexDigit(b >> 4)).Append(HexDigit(b & 15));
        }

        text.Append('"');
    }

    /// <summary>Reads a quoted text that stands at the start of <paramref name="text"/>.</summary>
    /// <param name="text">The text; more may follow the closing quote.</param>
    /// <param name="bytes">The bytes that it stands for.</param>
    /// <param name="consumed">How many characters it took, quotes included; where it is at fault, how many were in order.</param>
    /// <returns>Whether there was a well-formed one.</returns>
    public static bool TryUnquote(ReadOnlySpan<char> text, out byte[] bytes, out int consumed)
    {
        var length = Measure(text, out consumed);
        if (length < 0)
        {
            bytes = [];
            return false;
        }

        bytes = new byte[length];
        var at = 1;
        for (var i = 0; i < length; i++)
        {
            if (text[at] != '\\')
            {
                bytes[i] = (byte)text[at++];
            }
            else if (text[at + 1] != 'x')
            {
                bytes[i] = (byte)text[at + 1];
                at += 2;
            }
            else
            {
                bytes[i] = (byte)((FromHex(text[at + 2]) << 4) | FromHex(text[at + 3]));
                at += 4;
            }
        }

        return true;
    }

    /// <summary>Reads a quoted text that stands at the start of <paramref name="text"/>.</summary>
    /// <param name="text">The text; more may follow the closing quote.</param>
    /// <param name="consumed">How many characters it took, quotes included.</param>
    /// <exception cref="FormatInvalidException">There is none, or it is at fault; the offset says where.</exception>
    public static byte[] Unquote(ReadOnlySpan<char> text, out int consumed)
    {
        if (TryUnquote(text, out var bytes, out consumed))
            return bytes;
        throw new FormatInvalidException(Fault(text, consumed), consumed);
    }

    /// <summary>The value of a hexadecimal digit, or -1.</summary>
    internal static int FromHex(char digit) => char.IsAsciiHexDigit(digit) ? (digit & 15) + (digit >= 'A' ? 9 : 0) : -1;

    /// <summary>The lower-case hexadecimal digit of a value below 16.</summary>
    internal static char HexDigit(int value) => (char)(value < 10 ? '0' + value : 'a' + value - 10);

    // How many bytes the text stands for; -1 where it is at fault, which is then at `consumed`.
    static int Measure(ReadOnlySpan<char> text, out int consumed)
    {
        consumed = 0;
        if (text.IsEmpty || text[0] != '"')
            return -1;
        var length = 0;
        for (var at = 1; at < text.Length; length++)
        {
            consumed = at;
            var c = text[at];
            if (c == '"')
            {
                consumed = at + 1;
                return length;
            }

            if (c is <= ' ' or >= (char)0x7f)
                return -1;
            var width = c == '\\' ? EscapeWidth(text[at..]) : 1;
            if (width == 0)
                return -1;
            at += width;
        }

        consumed = text.Length;
        return -1;
    }

    // How many characters the escape takes, or 0 where it is none.
    static int EscapeWidth(ReadOnlySpan<char> text)
    {
        if (text.Length >= 2 && (text[1] is '\\' or '"'))
            return 2;
        return text.Length >= 4 && text[1] == 'x' && FromHex(text[2]) >= 0 && FromHex(text[3]) >= 0 ? 4 : 0;
    }

    static string Fault(ReadOnlySpan<char> text, int at)
    {
        if (at >= text.Length)
            return at == 0 ? "a quoted byte string is wanted" : "the closing quote is missing";
        if (at == 0)
            return "a quoted byte string is wanted";
        return text[at] == '\\'
            ? "an escape is none of \\xNN, \\\\ and \\\""
            : $"a character of code {(int)text[at]} must be written as \\xNN";
    }
}
