using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>The first bytes of an index file: where its parts are. vt-platonic(5) has the format.</summary>
/// <param name="Algorithm">How its blocks are named.</param>
/// <param name="Files">How many files it tells of.</param>
/// <param name="Entries">How many places of blocks.</param>
/// <param name="NamesLength">How long the part of names and contents is, in bytes.</param>
/// <param name="FileBytes">The files' sizes together.</param>
readonly record struct PlaceHeader(HashAlgorithmId Algorithm, long Files, long Entries, long NamesLength, long FileBytes)
{
    /// <summary>The header's length in bytes.</summary>
    public const int Size = 64;

    /// <summary>How many bytes are under one checksum.</summary>
    public const int PageSize = 1 << 16;

    /// <summary>A row of the table of files: facts 40, hole span 8, offset of its name 8, length of that 4, length of the content behind it 4.</summary>
    public const int RowSize = FileFacts.Length + 24;

    /// <summary>An inode and its file's row.</summary>
    public const int InodeSize = 12;

    /// <summary>The most files that one index file tells of.</summary>
    public const long MostFiles = 1L << 31;

    const ushort Version = 1;

    static ReadOnlySpan<byte> Magic => [0x89, 0x56, 0x74, 0x50, 0x6c, 0x61, 0x0d, 0x0a];

    /// <summary>Where the names start.</summary>
    public long NamesOffset => Size + (Files * RowSize);

    /// <summary>Where the inodes start.</summary>
    public long InodesOffset => NamesOffset + NamesLength;

    /// <summary>Where the entries start.</summary>
    public long EntriesOffset => InodesOffset + (Files * InodeSize);

    /// <summary>Where the checksums start.</summary>
    public long ChecksOffset => EntriesOffset + (Entries * IndexEntry.Size);

    /// <summary>How many pages have checksums: all between the header and the checksums.</summary>
    public long Pages => (ChecksOffset - Size + PageSize - 1) / PageSize;

    /// <summary>The file's length in bytes; a checksum of the checksums ends it.</summary>
    public long Length => ChecksOffset + (Pages * sizeof(uint)) + sizeof(uint);

    /// <summary>Reads it.</summary>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static PlaceHeader Read(ReadOnlySpan<byte> bytes, long fileLength)
    {
        if (bytes.Length < Size || !bytes.StartsWith(Magic))
            throw new FormatInvalidException("it is no index of files");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]) != Crc32C.Of(bytes[..60]))
            throw new FormatInvalidException("the header is damaged");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != Version)
            throw new FormatInvalidException($"version {version} is not known", 8);
        var header = new PlaceHeader(
            (HashAlgorithmId)bytes[10],
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]));
        if (header.Files is < 0 or > MostFiles || header.Entries is < 0 or > 1L << 48 || header.NamesLength is < 0 or > 1L << 48 || header.Length != fileLength)
            throw new FormatInvalidException($"it has {fileLength} bytes, which is not what its header says");
        return header;
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        bytes[10] = (byte)Algorithm;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Files);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], Entries);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], NamesLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], FileBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], Crc32C.Of(bytes[..60]));
    }
}
