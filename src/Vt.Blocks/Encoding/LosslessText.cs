using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Vt.Blocks.Encoding;

/// <summary>
/// Any bytes as text without loss, for command lines and paths that are mostly UTF-8: a byte 0xNN that isn't part of UTF-8
/// stands as the lone surrogate U+DCNN, as in Python's PEP 383. Such text is for passing on, not for showing or storing.
/// </summary>
public static class LosslessText
{
    const char Escape = '\udc00';

    /// <summary>The text that stands for some bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return System.Text.Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var b in bytes[..length])
                    text.Append((char)(Escape + b));
            }

            bytes = bytes[length..];
        }

        return text.ToString();
    }

    /// <summary>The bytes that a text stands for. A lone surrogate that is no escape becomes U+FFFD.</summary>
    public static byte[] ToBytes(ReadOnlySpan<char> text)
    {
        var bytes = new ArrayBufferWriter<byte>(text.Length + 8);
        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf16(text, out var rune, out var used);
            if (status != OperationStatus.Done && text[0] is >= (char)(Escape + 0x80) and <= (char)(Escape + 0xff))
            {
                bytes.GetSpan(1)[0] = (byte)(text[0] - Escape);
                bytes.Advance(1);
            }
            else
            {
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
            }

            text = text[used..];
        }

        return bytes.WrittenSpan.ToArray();
    }
}
