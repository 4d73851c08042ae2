using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Trees.Meta;

/// <summary>What the text forms of dirents and metadata have in common: <c>name:value</c> with commas between.</summary>
public static class FieldText
{
    /// <summary>Starts a field: a comma unless it is the first after the brace, its name, a colon.</summary>
    public static StringBuilder Start(StringBuilder text, string name)
    {
        if (text.Length > 0 && text[^1] != '{')
            text.Append(',');
        return text.Append(name).Append(':');
    }

    /// <summary>Writes a field that is bytes, unless there are none.</summary>
    public static void AppendBytes(StringBuilder text, string name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
            TextBytes.AppendQuoted(Start(text, name), value);
    }

    /// <summary>Writes a field that is a moment, unless there is none.</summary>
    public static void AppendTime(StringBuilder text, string name, Timestamp? value)
    {
        if (value is { } time)
            Start(text, name).Append(time.ToString());
    }

    /// <summary>Writes a field that is a reference, unless it is of no bytes.</summary>
    public static void AppendRef(StringBuilder text, string name, in BlockRef value)
    {
        if (value.Span > 0)
            Start(text, name).Append(value.ToString());
    }

    /// <summary>Writes a field that is bytes nobody can read, in hexadecimal, unless there are none.</summary>
    public static void AppendHex(StringBuilder text, string name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
            Start(text, name).Append(Convert.ToHexStringLower(value));
    }

    /// <summary>Reads a moment.</summary>
    public static Timestamp ReadTime(ref CharReader reader)
    {
        var rest = reader.Rest;
        var length = Length(rest, "-.0123456789");
        if (!Timestamp.TryParse(rest[..length], out var time))
            throw reader.Fault("a time in seconds is wanted");
        reader.Skip(length);
        return time;
    }

    /// <summary>Reads an octal number, with or without a leading 0.</summary>
    public static uint ReadOctal(ref CharReader reader, uint maximum)
    {
        var rest = reader.Rest;
        var length = Length(rest, "01234567");
        var value = 0u;
        if (length is 0 or > 10)
            throw reader.Fault("an octal number is wanted");
        foreach (var digit in rest[..length])
            value = (value << 3) | (uint)(digit - '0');
        if (value > maximum)
            throw reader.Fault($"an octal number is over its limit of {Convert.ToString(maximum, 8)}");
        reader.Skip(length);
        return value;
    }

    /// <summary>Reads a number of up to 64 bits.</summary>
    public static ulong ReadNumber(ref CharReader reader, ulong maximum)
    {
        var rest = reader.Rest;
        var length = Length(rest, "0123456789");
        if (length == 0 || !ulong.TryParse(rest[..length], out var value) || value > maximum)
            throw reader.Fault($"a number from 0 to {maximum} is wanted");
        reader.Skip(length);
        return value;
    }

    /// <summary>Reads a UUID.</summary>
    public static Guid ReadUuid(ref CharReader reader)
    {
        const int Length = 36;
        var rest = reader.Rest;
        if (rest.Length < Length || !Guid.TryParseExact(rest[..Length], "D", out var value))
            throw reader.Fault("a UUID is wanted");
        reader.Skip(Length);
        return value;
    }

    /// <summary>Reads fields in binary form that are given in hexadecimal, and checks that they are such.</summary>
    /// <param name="reader">Stands at the digits.</param>
    /// <param name="largestKnown">The largest tag that is known; all of these must be above.</param>
    public static byte[] ReadHex(ref CharReader reader, int largestKnown)
    {
        var start = reader.Position;
        var bytes = new byte[Length(reader.Rest, "0123456789abcdefABCDEF") / 2];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = reader.ReadHexByte();
        try
        {
            var fields = new FieldReader(bytes);
            if (!fields.Next())
                throw CharReader.FaultAt(start, "hexadecimal digits are wanted");
            fields.Rest(largestKnown);
        }
        catch (FormatInvalidException fault)
        {
            throw CharReader.FaultAt(start, fault.What);
        }

        return bytes;
    }

    static int Length(ReadOnlySpan<char> text, ReadOnlySpan<char> allowed)
    {
        var length = text.IndexOfAnyExcept(allowed);
        return length < 0 ? text.Length : length;
    }
}
