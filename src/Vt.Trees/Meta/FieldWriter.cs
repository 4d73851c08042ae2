using Vt.Blocks.Encoding;

namespace Vt.Trees.Meta;

/// <summary>Writes the fields of a record; the mirror of <see cref="FieldReader"/>. Callers write in ascending order of tags.</summary>
public static class FieldWriter
{
    /// <summary>A number; 0 is left out.</summary>
    public static void WriteNumber(ByteWriter writer, int tag, ulong value)
    {
        if (value == 0)
            return;
        WriteKey(writer, tag, WireType.Number);
        writer.WriteVarint(value);
    }

    /// <summary>Two numbers, also where they are 0.</summary>
    public static void WritePair(ByteWriter writer, int tag, ulong first, ulong second)
    {
        WriteKey(writer, tag, WireType.Pair);
        writer.WriteVarint(first);
        writer.WriteVarint(second);
    }

    /// <summary>Bytes; none are left out.</summary>
    public static void WriteData(ByteWriter writer, int tag, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        WriteKey(writer, tag, WireType.Data);
        writer.WriteData(data);
    }

    /// <summary>What <paramref name="from"/> wrote since <paramref name="start"/>, as bytes.</summary>
    public static void WriteNested(ByteWriter writer, int tag, ByteWriter from, int start)
    {
        WriteData(writer, tag, from.Written[start..]);
        from.Truncate(start);
    }

    static void WriteKey(ByteWriter writer, int tag, WireType wire) => writer.WriteVarint(((ulong)tag << 2) | (uint)wire);
}
