namespace Vt.Stores.DataDir.Index;

/// <summary>A block's digest and where it lies: what a run holds, 48 bytes on disk.</summary>
readonly record struct IndexEntry(BlockKey Key, BlockLocation Location)
{
    public const int Size = BlockKey.Size + BlockLocation.Size;

    public static IndexEntry Read(ReadOnlySpan<byte> bytes) => new(BlockKey.Read(bytes), BlockLocation.Read(bytes[BlockKey.Size..]));

    public void Write(Span<byte> bytes)
    {
        Key.Write(bytes);
        Location.Write(bytes[BlockKey.Size..]);
    }
}
