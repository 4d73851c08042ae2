using System.Text;
using System.Text.Unicode;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Stores.Streams.Protocol;

/// <summary>Texts in frames: a length in bytes and UTF-8. One that may be missing has its length plus one, and 0 where it is.</summary>
static class WireText
{
    /// <summary>Writes a text.</summary>
    public static void Write(ByteWriter writer, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        writer.WriteVarint((ulong)length);
        Encoding.UTF8.GetBytes(text, writer.Reserve(length));
    }

    /// <summary>Writes a text that may be missing.</summary>
    public static void WriteOptional(ByteWriter writer, string? text)
    {
        if (text is null)
        {
            writer.WriteVarint(0);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(text);
        writer.WriteVarint((ulong)length + 1);
        Encoding.UTF8.GetBytes(text, writer.Reserve(length));
    }

    /// <summary>Reads a text.</summary>
    /// <param name="reader">From where.</param>
    /// <param name="longest">How long it may be, in bytes.</param>
    public static string Read(ref ByteReader reader, int longest) => Decode(ref reader, reader.ReadLength(longest));

    /// <summary>Reads a text that may be missing.</summary>
    /// <param name="reader">From where.</param>
    /// <param name="longest">How long it may be, in bytes.</param>
    public static string? ReadOptional(ref ByteReader reader, int longest)
    {
        var length = reader.ReadLength(longest + 1);
        return length == 0 ? null : Decode(ref reader, length - 1);
    }

    static string Decode(ref ByteReader reader, int length)
    {
        var at = reader.Position;
        var bytes = reader.ReadBytes(length);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new FormatInvalidException("a text is not UTF-8", at);
    }
}
