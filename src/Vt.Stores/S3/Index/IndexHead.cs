using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.S3.Index;

/// <summary>
/// What stands before the run in an index object: whose it is, and which index objects it replaces. vt-s3(5) has the table.
/// </summary>
/// <param name="Store">The store.</param>
/// <param name="Replaced">The objects whose content is in this one too.</param>
/// <param name="StoredBytes">What the packs take that the run lists.</param>
/// <param name="RunLength">The run's bytes.</param>
sealed record IndexHead(PackId Store, IReadOnlyList<ReplacedIndex> Replaced, long StoredBytes, long RunLength)
{
    /// <summary>The part that has the same length in every object.</summary>
    public const int FixedSize = 64;

    /// <summary>The most ids that one may name.</summary>
    public const int MostReplaced = 1 << 16;

    const ushort Version = 1;
    const int Alignment = 64;
    const int CheckOffset = FixedSize - 4;

    static ReadOnlySpan<byte> Magic => [0x89, (byte)'V', (byte)'t', (byte)'I', (byte)'d', (byte)'x', 0x0d, 0x0a];

    /// <summary>The head's length in bytes: where the run starts.</summary>
    public int Length => LengthFor(Replaced.Count);

    /// <summary>The whole object's length in bytes.</summary>
    public long ObjectLength => Length + RunLength;

    /// <summary>Reads a head.</summary>
    /// <param name="bytes">The object's first bytes, at least those of the head.</param>
    /// <param name="store">The store that it must be of.</param>
    /// <param name="length">The object's length.</param>
    /// <exception cref="FormatInvalidException">It is damaged, of another version or store, or the object has another length.</exception>
    public static IndexHead Read(ReadOnlySpan<byte> bytes, PackId store, long length)
    {
        if (bytes.Length < FixedSize || !bytes[..8].SequenceEqual(Magic))
            throw new FormatInvalidException("this is no index object");
        if (Crc32C.Compute(bytes[..CheckOffset]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[CheckOffset..]))
            throw new FormatInvalidException("an index object's head does not match its checksum");
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version || bytes[10..16].ContainsAnyExcept((byte)0) || bytes[36..40].ContainsAnyExcept((byte)0))
            throw new FormatInvalidException("an index object is of another version", 8);
        if (PackId.Read(bytes[16..]) != store)
            throw new FormatInvalidException("an index object is another store's", 16);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]);
        var stored = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]);
        var run = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]);
        if (count > MostReplaced || stored < 0 || run < 0 || run != length - LengthFor((int)count) || bytes.Length < LengthFor((int)count))
            throw new FormatInvalidException($"an index object of {length} bytes claims a run of {run}", 32);
        var table = bytes[FixedSize..LengthFor((int)count)];
        if (Crc32C.Compute(table) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[56..]))
            throw new FormatInvalidException("an index object's list of those before does not match its checksum", FixedSize);
        var replaced = new ReplacedIndex[count];
        for (var i = 0; i < replaced.Length; i++)
            replaced[i] = ReplacedIndex.Read(table[(i * ReplacedIndex.Size)..]);
        return new IndexHead(store, replaced, stored, run);
    }

    /// <summary>How long the head is that bytes claim to start with; of no use unless <see cref="Read"/> takes it.</summary>
    public static int ClaimedLength(ReadOnlySpan<byte> bytes) =>
        bytes.Length < FixedSize ? FixedSize : LengthFor((int)Math.Min(MostReplaced, BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..])));

    /// <summary>The head's bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        Store.Write(bytes.AsSpan(16));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), Replaced.Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), StoredBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), RunLength);
        for (var i = 0; i < Replaced.Count; i++)
            Replaced[i].Write(bytes.AsSpan(FixedSize + (i * ReplacedIndex.Size)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(56), Crc32C.Compute(bytes.AsSpan(FixedSize)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CheckOffset), Crc32C.Compute(bytes.AsSpan(0, CheckOffset)));
        return bytes;
    }

    static int LengthFor(int count) => FixedSize + (((count * ReplacedIndex.Size) + Alignment - 1) / Alignment * Alignment);
}
