using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Packs;

/// <summary>A pack's first <see cref="Size"/> bytes; vt-datadir(5) has the table.</summary>
/// <param name="Id">The pack, which its file name repeats.</param>
/// <param name="Store">The store that it was written for.</param>
/// <param name="Hash">The algorithm of all digests in it.</param>
/// <param name="Content">What its blocks are for.</param>
/// <param name="Created">When it was begun, in nanoseconds since 1970.</param>
/// <param name="Origin">Where it was begun; unknown of one that is not written bit by bit into a DataDir.</param>
readonly record struct PackHeader(PackId Id, PackId Store, HashAlgorithmId Hash, BlockContent Content, ulong Created, PackOrigin Origin = default)
{
    public const int Size = 128;
    public const ushort Version = 1;

    const int OriginOffset = 56;
    const int ReservedOffset = OriginOffset + PackOrigin.Length;
    const int CheckOffset = Size - 4;

    static ReadOnlySpan<byte> Magic => [0x89, (byte)'V', (byte)'t', (byte)'P', (byte)'a', (byte)'k', 0x0d, 0x0a];

    /// <summary>Where a pack's frame headers start their checksums: a frame copied from another pack is none here.</summary>
    public uint FrameSeed => SeedOf(Id);

    /// <summary>As <see cref="FrameSeed"/>, of a pack whose header can't be read.</summary>
    public static uint SeedOf(PackId id)
    {
        Span<byte> bytes = stackalloc byte[PackId.Length];
        id.Write(bytes);
        return Crc32C.Compute(bytes);
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="FormatInvalidException">It is damaged, of another version, or uses what is not known.</exception>
    public static PackHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Size)
            throw new FormatInvalidException("the pack is shorter than its header", bytes.Length);
        if (!bytes[..8].SequenceEqual(Magic))
            throw new FormatInvalidException("this is no pack");
        if (Crc32C.Compute(bytes[..CheckOffset]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[CheckOffset..]))
            throw new FormatInvalidException("the pack's header does not match its checksum");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != Version)
            throw new FormatInvalidException($"the pack has version {version}, and only {Version} is known", 8);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) != 0 || bytes[ReservedOffset..CheckOffset].ContainsAnyExcept((byte)0))
            throw new FormatInvalidException("the pack uses features that are not known", 12);
        var hash = (HashAlgorithmId)bytes[10];
        if (HashAlgorithms.DigestLength(hash) != BlockHash.MaxDigestLength)
            throw new FormatInvalidException($"hash algorithm {bytes[10]} is not known", 10);
        if (bytes[11] > (byte)BlockContent.Tree)
            throw new FormatInvalidException($"content kind {bytes[11]} is not known", 11);
        return new PackHeader(
            PackId.Read(bytes[16..]), PackId.Read(bytes[32..]), hash, (BlockContent)bytes[11], BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]),
            PackOrigin.Read(bytes[OriginOffset..]));
    }

    /// <summary>Writes the header into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        bytes[10] = (byte)Hash;
        bytes[11] = (byte)Content;
        Id.Write(bytes[16..]);
        Store.Write(bytes[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[48..], Created);
        Origin.Write(bytes[OriginOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CheckOffset..], Crc32C.Compute(bytes[..CheckOffset]));
    }
}
