using System.Buffers.Binary;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Packs;

/// <summary>The first <see cref="FixedSize"/> bytes of a frame's header, before its rows of blocks; vt-datadir(5) has the table.</summary>
/// <param name="Codec">How the payload is written.</param>
/// <param name="Blocks">How many blocks the frame has; 0 only of fillers.</param>
/// <param name="RawSize">The blocks' bytes together.</param>
/// <param name="StoredSize">The payload's bytes.</param>
/// <param name="PayloadCheck">The payload's CRC-32C.</param>
readonly record struct FrameHeader(FrameCodec Codec, int Blocks, int RawSize, int StoredSize, uint PayloadCheck)
{
    /// <summary>A header without blocks, in bytes.</summary>
    public const int FixedSize = 40;

    /// <summary>Frames start at multiples of this many bytes.</summary>
    public const int Alignment = BlockLocation.OffsetUnit;

    /// <summary>The most blocks a frame may have.</summary>
    public const int MostBlocks = 1024;

    /// <summary>The longest header, in bytes.</summary>
    public const int LongestHeader = FixedSize + (MostBlocks * FrameBlock.Size);

    /// <summary>What blocks of several may fill together, in bytes; a larger one is alone in its frame.</summary>
    public const int SharedSize = 256 << 10;

    /// <summary>The longest payload, in bytes. Fillers may be longer.</summary>
    public const int LongestPayload = ChunkingParameters.LargestBlock;

    const int CheckOffset = 12;
    const int PlaceOffset = 36;

    /// <summary>Starts every frame. It is no text in any common encoding, and line-end conversion breaks it.</summary>
    public static ReadOnlySpan<byte> Sync => [0xf5, (byte)'V', (byte)'T', (byte)'F', (byte)'R', (byte)'M', 0x0d, 0x0a];

    /// <summary>The header's length in bytes, rows included.</summary>
    public int HeaderSize => FixedSize + (Blocks * FrameBlock.Size);

    /// <summary>Header and payload, in bytes, without the padding.</summary>
    public long Length => HeaderSize + (long)(uint)StoredSize;

    /// <summary>From this frame's start to the next, in bytes.</summary>
    public long PaddedLength => Pad(Length);

    /// <summary>The next multiple of <see cref="Alignment"/>.</summary>
    public static long Pad(long length) => (length + Alignment - 1) & -Alignment;

    /// <summary>Whether a frame may start here: cheap, for searching.</summary>
    public static bool LooksLike(ReadOnlySpan<byte> bytes) => bytes.Length >= Sync.Length && bytes[..Sync.Length].SequenceEqual(Sync);

    /// <summary>The header's length that a frame's first bytes claim; 0 where no frame can start.</summary>
    /// <param name="bytes">At least <see cref="FixedSize"/> bytes.</param>
    public static int ClaimedHeaderSize(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedSize || !LooksLike(bytes))
            return 0;
        var size = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        return size is >= FixedSize and <= LongestHeader ? size : 0;
    }

    /// <summary>Reads a header and checks it.</summary>
    /// <param name="bytes">The whole header at least.</param>
    /// <param name="seed">The pack's <see cref="PackHeader.FrameSeed"/>.</param>
    /// <param name="offset">Where in the pack the frame starts.</param>
    /// <exception cref="FormatInvalidException">There is no frame, it is damaged, or it belongs elsewhere. Offsets count from the frame's start.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> bytes, uint seed, long offset)
    {
        var size = ClaimedHeaderSize(bytes);
        if (size == 0)
            throw new FormatInvalidException("no frame starts here");
        if (size > bytes.Length)
            throw new FormatInvalidException("a frame's header is cut off", bytes.Length);
        bytes = bytes[..size];
        if (CheckOf(bytes, seed) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[CheckOffset..]))
            throw new FormatInvalidException("a frame's header does not match its checksum", CheckOffset);
        var header = new FrameHeader(
            (FrameCodec)bytes[16],
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]));
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[PlaceOffset..]) != (uint)(offset / Alignment))
            throw new FormatInvalidException("a frame lies where it was not written", PlaceOffset);
        if (bytes[17] != 0 || bytes[18] != 0 || bytes[19] != 0 || bytes[22] != 0 || bytes[23] != 0)
            throw new FormatInvalidException("a frame uses features that are not known", 17);
        header.CheckSizes(bytes);
        return header;
    }

    /// <summary>A block's row.</summary>
    /// <param name="header">The header's bytes.</param>
    /// <param name="ordinal">Which block.</param>
    public static ReadOnlySpan<byte> Row(ReadOnlySpan<byte> header, int ordinal) =>
        header.Slice(FixedSize + (ordinal * FrameBlock.Size), FrameBlock.Size);

    /// <summary>Writes all but place and checksum, which <see cref="Seal"/> adds once the place is known. Rows are the caller's.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..FixedSize];
        bytes.Clear();
        Sync.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], HeaderSize);
        bytes[16] = (byte)Codec;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[20..], (ushort)Blocks);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], RawSize);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[28..], StoredSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[32..], PayloadCheck);
    }

    /// <summary>Binds a header to its pack and place.</summary>
    /// <param name="header">Exactly the header's bytes, rows included.</param>
    /// <param name="seed">The pack's <see cref="PackHeader.FrameSeed"/>.</param>
    /// <param name="offset">Where in the pack the frame starts.</param>
    public static void Seal(Span<byte> header, uint seed, long offset)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header[PlaceOffset..], (uint)(offset / Alignment));
        BinaryPrimitives.WriteUInt32LittleEndian(header[CheckOffset..], CheckOf(header, seed));
    }

    static uint CheckOf(ReadOnlySpan<byte> header, uint seed) =>
        Crc32C.Compute(header[(CheckOffset + 4)..], Crc32C.Compute(header[..CheckOffset], seed));

    void CheckSizes(ReadOnlySpan<byte> bytes)
    {
        if (HeaderSize != bytes.Length || Blocks > MostBlocks)
            throw new FormatInvalidException($"a frame of {Blocks} blocks has a header of {bytes.Length} bytes", 20);
        if (Codec == FrameCodec.Filler)
        {
            if (Blocks != 0 || RawSize != 0 || StoredSize < 0)
                throw new FormatInvalidException("a filler has blocks", 20);
            return;
        }

        if (Codec > FrameCodec.Zstd)
            throw new FormatInvalidException($"codec {(int)Codec} is not known", 16);
        if (Blocks == 0 || StoredSize is < 0 or > LongestPayload || RawSize is < 0 or > LongestPayload
            || (Codec == FrameCodec.Raw && StoredSize != RawSize))
        {
            throw new FormatInvalidException($"a frame of {Blocks} blocks claims {StoredSize} bytes for {RawSize}", 24);
        }

        long sum = 0;
        for (var i = 0; i < Blocks; i++)
            sum += FrameBlock.CheckedLengthOf(Row(bytes, i));
        if (sum != RawSize)
            throw new FormatInvalidException($"a frame's blocks have {sum} bytes and not {RawSize}", 24);
    }
}
