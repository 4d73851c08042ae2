using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Reconciliation;

namespace Vt.Stores.Streams.Protocol;

/// <summary>Asks for sketches of the blocks' names.</summary>
/// <param name="Key">By which names become numbers.</param>
/// <param name="Range">The parts.</param>
/// <param name="Cells">How many cells each sketch is to have.</param>
public sealed record SketchQuestion(FingerprintKey Key, SketchRange Range, int Cells)
{
    /// <summary>Writes it as the meta of a frame.</summary>
    public void Write(ByteWriter writer)
    {
        Write(writer, Key, Range);
        writer.WriteVarint((ulong)Cells);
    }

    /// <summary>Reads the meta of a frame.</summary>
    /// <exception cref="FormatInvalidException">It is none, or asks for what can't be.</exception>
    public static SketchQuestion Read(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        var (key, range) = Read(ref reader);
        return new SketchQuestion(key, range, reader.ReadLength(SetSketch.MostCells));
    }

    /// <summary>The sketches in the meta of a frame.</summary>
    /// <exception cref="FormatInvalidException">They are none.</exception>
    public static List<SetSketch> ReadAnswer(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        var sketches = new List<SetSketch>();
        while (!reader.AtEnd)
            sketches.Add(SetSketch.Read(ref reader));
        return sketches;
    }

    internal static void Write(ByteWriter writer, FingerprintKey key, SketchRange range)
    {
        writer.WriteBytes(key.Bytes);
        writer.WriteByte((byte)range.Bits);
        writer.WriteVarint(range.First);
        writer.WriteVarint(range.Last);
    }

    internal static (FingerprintKey Key, SketchRange Range) Read(ref ByteReader reader)
    {
        var key = new FingerprintKey(reader.ReadBytes(FingerprintKey.Length));
        var range = new SketchRange(reader.ReadByte(), (uint)reader.ReadLength(int.MaxValue), (uint)reader.ReadLength(int.MaxValue));
        range.Check();
        return (key, range);
    }
}
