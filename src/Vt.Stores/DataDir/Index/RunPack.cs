using System.Buffers.Binary;

namespace Vt.Stores.DataDir.Index;

/// <summary>A row of a run's pack table: a pack whose blocks the run lists, all of them.</summary>
/// <param name="Id">The pack.</param>
/// <param name="Sequence">Grows with time, as nanoseconds since 1970 do: of two copies of a block the higher is preferred.</param>
/// <param name="Count">How many of the run's entries lie in the pack.</param>
readonly record struct RunPack(PackId Id, ulong Sequence, ulong Count)
{
    public const int Size = PackId.Length + 16;

    public static RunPack Read(ReadOnlySpan<byte> bytes) => new(
        PackId.Read(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    public void Write(Span<byte> bytes)
    {
        Id.Write(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], Count);
    }
}
