using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Stores.Streams.Protocol;

/// <summary>What became of blocks that were added, and how much the store holds now.</summary>
public static class AddAnswer
{
    /// <summary>Writes it.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="counts">What became of the blocks.</param>
    /// <param name="capacity">What the store holds; null where it doesn't know.</param>
    public static void Write(ByteWriter writer, AddCounts counts, StoreCapacity? capacity)
    {
        foreach (var number in (ReadOnlySpan<long>)[counts.NewBlocks, counts.NewBytes, counts.StoredBytes, counts.KnownBlocks, counts.KnownBytes])
            writer.WriteVarint((ulong)number);
        WriteCapacity(writer, capacity);
    }

    /// <summary>Reads it.</summary>
    /// <param name="meta">The frame's meta.</param>
    /// <param name="capacity">What the store holds; null where it doesn't know.</param>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static AddCounts Read(ReadOnlySpan<byte> meta, out StoreCapacity? capacity)
    {
        var reader = new ByteReader(meta);
        var counts = new AddCounts(
            reader.ReadVarintLong(), reader.ReadVarintLong(), reader.ReadVarintLong(), reader.ReadVarintLong(), reader.ReadVarintLong());
        capacity = ReadCapacity(ref reader);
        return counts;
    }

    /// <summary>Writes how much a store holds.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="capacity">That; null where it doesn't know.</param>
    public static void WriteCapacity(ByteWriter writer, StoreCapacity? capacity)
    {
        writer.WriteByte((byte)(capacity is null ? 0 : 1));
        if (capacity is not { } now)
            return;
        foreach (var number in (ReadOnlySpan<long>)[now.TotalBytes, now.FreeBytes, now.AvailableBytes, now.StoredBytes, now.Blocks])
            writer.WriteVarint((ulong)number);
    }

    /// <summary>Reads how much a store holds.</summary>
    /// <param name="reader">From where.</param>
    /// <exception cref="FormatInvalidException">It is not that.</exception>
    public static StoreCapacity? ReadCapacity(ref ByteReader reader) => reader.ReadByte() == 0
        ? null
        : new StoreCapacity(reader.ReadVarintLong(), reader.ReadVarintLong(), reader.ReadVarintLong(), reader.ReadVarintLong(), reader.ReadVarintLong());
}
