using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Blocks.Reconciliation;

namespace Vt.Stores.Streams.Protocol;

/// <summary>Asks for the names of blocks whose numbers in sketches are known.</summary>
/// <param name="Key">By which names become numbers.</param>
/// <param name="Range">The parts in which they are.</param>
/// <param name="After">Names up to and including this one are left out; null for none.</param>
/// <param name="Numbers">The numbers; null for all names.</param>
public sealed record NamesQuestion(FingerprintKey Key, SketchRange Range, BlockHash? After, IReadOnlyCollection<ulong>? Numbers)
{
    /// <summary>Writes it as the meta of a frame.</summary>
    public void Write(ByteWriter writer)
    {
        SketchQuestion.Write(writer, Key, Range);
        writer.WriteByte(After is null ? (byte)0 : (byte)1);
        if (After is { } after)
            writer.WriteBytes(after.Digest);
        writer.WriteVarint(Numbers is null ? 0 : (ulong)Numbers.Count + 1);
        foreach (var number in Numbers ?? [])
            writer.WriteUInt64(number);
    }

    /// <summary>Reads the meta of a frame.</summary>
    /// <param name="meta">The meta.</param>
    /// <param name="algorithm">The names' algorithm.</param>
    /// <exception cref="FormatInvalidException">It is none, or asks for too much.</exception>
    public static NamesQuestion Read(ReadOnlySpan<byte> meta, HashAlgorithmId algorithm)
    {
        var reader = new ByteReader(meta);
        var (key, range) = SketchQuestion.Read(ref reader);
        BlockHash? after = reader.ReadByte() != 0 ? new BlockHash(algorithm, reader.ReadBytes(HashAlgorithms.DigestLength(algorithm))) : null;
        var count = reader.ReadLength(SetReconciler.MostNumbers + 1);
        if (count == 0)
            return new NamesQuestion(key, range, after, null);
        if (reader.Remaining / sizeof(ulong) < count - 1)
            throw new FormatInvalidException($"{count - 1} numbers are said to follow, and {reader.Remaining} bytes do", reader.Position);
        var numbers = new ulong[count - 1];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = reader.ReadUInt64();
        return new NamesQuestion(key, range, after, numbers);
    }
}
