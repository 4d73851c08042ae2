using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Index;

/// <summary>A run's first <see cref="Size"/> bytes.</summary>
/// <param name="Algorithm">The algorithm of every digest in the run.</param>
/// <param name="Layout">Where the sections lie.</param>
/// <param name="Sequence">The highest sequence of the run's packs.</param>
/// <param name="First">The lowest key; all zero bits where there are no entries.</param>
/// <param name="Last">The highest key; all zero bits where there are no entries.</param>
/// <param name="PacksCheck">CRC-32C of the pack table with its padding.</param>
/// <param name="ChecksCheck">CRC-32C of the table of page checksums.</param>
readonly record struct RunHeader(
    HashAlgorithmId Algorithm, RunLayout Layout, ulong Sequence, BlockKey First, BlockKey Last, uint PacksCheck, uint ChecksCheck)
{
    public const int Size = 192;
    public const ushort Version = 1;

    const int ReservedOffset = 152;
    const int CheckOffset = Size - 4;

    /// <summary>Starts a run. Its first byte is not ASCII and its line ends get mangled by anything that takes it for text.</summary>
    static ReadOnlySpan<byte> Magic => [0x89, (byte)'V', (byte)'t', (byte)'R', (byte)'u', (byte)'n', 0x0d, 0x0a];

    /// <summary>The header's own checksum, which the trailer repeats.</summary>
    public static uint CheckOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32LittleEndian(header[CheckOffset..]);

    /// <summary>Reads a header and checks all that can be checked without the rest of the run.</summary>
    /// <exception cref="FormatInvalidException">It is damaged, of another version, or contradicts itself.</exception>
    public static RunHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Size)
            throw new FormatInvalidException("a run is shorter than its header", bytes.Length);
        if (!bytes[..8].SequenceEqual(Magic))
            throw new FormatInvalidException("no run starts here");
        if (Crc32C.Of(bytes[..CheckOffset]) != CheckOf(bytes))
            throw new FormatInvalidException("a run's header does not match its checksum");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != Version)
            throw new FormatInvalidException($"a run has version {version}, and only {Version} is known", 8);
        var algorithm = (HashAlgorithmId)bytes[10];
        if (HashAlgorithms.DigestLength(algorithm) != BlockKey.Size || bytes[11] != IndexEntry.Size)
            throw new FormatInvalidException($"a run has entries of {bytes[11]} bytes with hash algorithm {bytes[10]}", 10);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) != 0 || bytes[ReservedOffset..CheckOffset].ContainsAnyExcept((byte)0))
            throw new FormatInvalidException("a run uses features that are not known", 12);
        return new RunHeader(
            algorithm,
            ReadLayout(bytes),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[72..]),
            BlockKey.Read(bytes[80..]),
            BlockKey.Read(bytes[112..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[144..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[148..]));
    }

    /// <summary>Writes the header into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        bytes[10] = (byte)Algorithm;
        bytes[11] = IndexEntry.Size;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Layout.Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Layout.Packs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Layout.FilterOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], Layout.Blocks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], Layout.EntriesOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], Layout.ChecksOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], Layout.TotalLength);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[72..], Sequence);
        First.Write(bytes[80..]);
        Last.Write(bytes[112..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[144..], PacksCheck);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[148..], ChecksCheck);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CheckOffset..], Crc32C.Of(bytes[..CheckOffset]));
    }

    static RunLayout ReadLayout(ReadOnlySpan<byte> bytes)
    {
        var count = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        var packs = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        var blocks = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]);
        if (count is < 0 or > RunLayout.MaxCount || blocks is < 1 or > RunLayout.MaxBlocks || packs is < 0 or > RunLayout.MaxPacks)
            throw new FormatInvalidException($"a run claims {count} entries, {blocks} filter blocks and {packs} packs", 16);
        var layout = new RunLayout(packs, blocks, count);
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]) != 0
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]) != layout.FilterOffset
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]) != layout.EntriesOffset
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]) != layout.ChecksOffset
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]) != layout.TotalLength)
        {
            throw new FormatInvalidException("a run's sections do not lie where its counts put them", 32);
        }

        return layout;
    }
}
