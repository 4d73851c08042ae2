using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Stores.References;

namespace Vt.Stores.Streams.Protocol;

/// <summary>The other requests and answers about references.</summary>
public static class ReferenceTexts
{
    /// <summary>Writes a name and from where on its list or log is wanted.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="name">The name, or the beginning of names.</param>
    /// <param name="after">Of a list: the last name that is not wanted; empty for none.</param>
    /// <param name="skip">Of a log: how many movements are not wanted.</param>
    public static void WriteQuestion(ByteWriter writer, string name, string after = "", long skip = 0)
    {
        WireText.Write(writer, name);
        WireText.Write(writer, after);
        writer.WriteVarint((ulong)skip);
    }

    /// <summary>Reads that.</summary>
    /// <param name="meta">The frame's meta.</param>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static (string Name, string After, long Skip) ReadQuestion(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        return (WireText.Read(ref reader, RefName.LongestName), WireText.Read(ref reader, RefName.LongestName), reader.ReadVarintLong());
    }

    /// <summary>Writes a value, or that there is none.</summary>
    public static void WriteValue(ByteWriter writer, string? value) => WireText.WriteOptional(writer, value);

    /// <summary>Reads a value.</summary>
    /// <param name="meta">The frame's meta.</param>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static string? ReadValue(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        return WireText.ReadOptional(ref reader, ReferenceMove.LongestText);
    }

    /// <summary>Writes one name of a list.</summary>
    public static void WriteName(ByteWriter writer, string name) => WireText.Write(writer, name);

    /// <summary>Reads a frame's names.</summary>
    /// <param name="meta">The frame's meta.</param>
    /// <exception cref="FormatInvalidException">It has something else.</exception>
    public static List<string> ReadNames(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        var names = new List<string>();
        while (!reader.AtEnd)
            names.Add(WireText.Read(ref reader, RefName.LongestName));
        return names;
    }

    /// <summary>Writes one movement of a log.</summary>
    public static void WriteMovement(ByteWriter writer, RefMovement movement)
    {
        writer.WriteSignedVarint(movement.When.UtcTicks);
        writer.WriteSignedVarint((long)movement.When.Offset.TotalMinutes);
        WireText.WriteOptional(writer, movement.Value);
        WireText.Write(writer, movement.Note);
    }

    /// <summary>Reads a frame's movements.</summary>
    /// <param name="meta">The frame's meta.</param>
    /// <exception cref="FormatInvalidException">It has something else.</exception>
    public static List<RefMovement> ReadMovements(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        var movements = new List<RefMovement>();
        while (!reader.AtEnd)
            movements.Add(new RefMovement(ReadDate(ref reader), WireText.ReadOptional(ref reader, ReferenceMove.LongestText), WireText.Read(ref reader, ReferenceMove.LongestText)));
        return movements;
    }

    static DateTimeOffset ReadDate(ref ByteReader reader)
    {
        var at = reader.Position;
        var (ticks, minutes) = (reader.ReadSignedVarint(), reader.ReadSignedVarint());
        try
        {
            return new DateTimeOffset(ticks, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(minutes));
        }
        catch (ArgumentException fault)
        {
            throw new FormatInvalidException("a movement has an impossible date", at, fault);
        }
    }
}
