using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Packs;

/// <summary>A closed pack's last <see cref="Size"/> bytes; vt-datadir(5) has the table.</summary>
/// <param name="Id">The pack again.</param>
/// <param name="ContentsOffset">Where the table of contents starts.</param>
/// <param name="ContentsLength">Its length in bytes.</param>
/// <param name="ContentsCheck">Its CRC-32C.</param>
/// <param name="Blocks">How many blocks the pack has.</param>
/// <param name="RawBytes">Their bytes before compression.</param>
/// <param name="FrameBytes">What the frames take, headers and padding included.</param>
/// <param name="Frames">How many frames with blocks there are.</param>
readonly record struct PackTrailer(
    PackId Id, long ContentsOffset, long ContentsLength, uint ContentsCheck, long Blocks, long RawBytes, long FrameBytes, long Frames)
{
    public const int Size = 96;

    const ushort Version = 1;
    const int CheckOffset = Size - 4;

    static ReadOnlySpan<byte> Magic => [0x89, (byte)'V', (byte)'t', (byte)'E', (byte)'n', (byte)'d', 0x0d, 0x0a];

    /// <summary>Reads the trailer of an open file.</summary>
    /// <param name="file">The pack.</param>
    /// <param name="length">The file's length.</param>
    /// <exception cref="FormatInvalidException">There is none, or it is damaged.</exception>
    public static PackTrailer Read(FileDescriptor file, long length)
    {
        if (length < PackHeader.Size + Size)
            throw new FormatInvalidException("the pack ends without a trailer", length);
        Span<byte> bytes = stackalloc byte[Size];
        if (PosixFile.PreadUpTo(file, bytes, length - Size) < Size)
            throw new FormatInvalidException("the pack ends without a trailer", length);
        try
        {
            return Read(bytes, length);
        }
        catch (FormatInvalidException fault)
        {
            throw new FormatInvalidException(fault.What, length - Size + fault.Offset, fault);
        }
    }

    /// <summary>Reads a trailer.</summary>
    /// <param name="bytes">The pack's last bytes.</param>
    /// <param name="length">The pack's length.</param>
    /// <exception cref="FormatInvalidException">It is damaged, or contradicts the pack's length.</exception>
    public static PackTrailer Read(ReadOnlySpan<byte> bytes, long length)
    {
        bytes = bytes[..Size];
        if (!bytes[..8].SequenceEqual(Magic))
            throw new FormatInvalidException("the pack ends without a trailer");
        if (Crc32C.Compute(bytes[..CheckOffset]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[CheckOffset..]))
            throw new FormatInvalidException("the pack's trailer does not match its checksum");
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version || bytes[10..16].ContainsAnyExcept((byte)0)
            || bytes[36..40].ContainsAnyExcept((byte)0) || bytes[88..CheckOffset].ContainsAnyExcept((byte)0))
        {
            throw new FormatInvalidException("the pack's trailer is of another version", 8);
        }

        var trailer = new PackTrailer(
            PackId.Read(bytes[72..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]));
        return trailer.ContentsOffset >= PackHeader.Size && trailer.ContentsLength > 0
            && trailer.ContentsLength == length - Size - trailer.ContentsOffset
                ? trailer
                : throw new FormatInvalidException($"the table of contents does not end where the trailer starts, at {length - Size}", 16);
    }

    /// <summary>Writes the trailer into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], ContentsOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], ContentsLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[32..], ContentsCheck);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], Blocks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], RawBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], FrameBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], Frames);
        Id.Write(bytes[72..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CheckOffset..], Crc32C.Compute(bytes[..CheckOffset]));
    }
}
