using System.Buffers;
using System.Text;

namespace Vt.Blocks.Encoding;

/// <summary>Bytes as one part of a URI's path (RFC 3986): what needs no escape in a path, a shell or a sentence stands as it is, any other byte as %NN.</summary>
public static class PercentText
{
    static readonly SearchValues<byte> _plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@+=,"u8);

    // What RFC 3986 lets stand in a part (pchar), escapes aside.
    static readonly SearchValues<char> _allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@");

    /// <summary>The text that stands for some bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOfAnyExcept(_plain) < 0)
            return System.Text.Encoding.ASCII.GetString(bytes);
        var text = new StringBuilder(bytes.Length * 3);
        foreach (var b in bytes)
        {
            if (_plain.Contains(b))
                text.Append((char)b);
            else
                text.Append('%').Append(Digit(b >> 4)).Append(Digit(b & 15));
        }

        return text.ToString();
    }

    /// <summary>The bytes that a part of a URI's path stands for.</summary>
    /// <param name="text">The part, without slashes.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>Whether the text is such a part: a % comes with two hexadecimal digits, and no character is there that has to be escaped.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                if (!_allowed.Contains(text[i]))
                    return false;
                bytes[length++] = (byte)text[i];
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                return false;
            bytes[length++] = (byte)((Value(text[i + 1]) << 4) | Value(text[i + 2]));
            i += 2;
        }

        bytes = bytes[..length];
        return true;
    }

    static char Digit(int value) => "0123456789ABCDEF"[value];

    static int Value(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
