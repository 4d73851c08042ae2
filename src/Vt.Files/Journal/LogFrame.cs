using System.Buffers.Binary;
using Vt.Blocks.Encoding;

namespace Vt.Files.Journal;

/// <summary>
/// The head of a frame in a log file; the record's bytes follow it, then its data, then zeros up to a multiple of 8. Described in vt-live(5).
/// </summary>
/// <remarks>
/// Its checksum goes on from the one of the file's salt and number and covers the frame's offset: a frame of another file, or of what this
/// file was before it was used again, is none here.
/// </remarks>
/// <param name="Kind">What it is.</param>
/// <param name="RecordLength">The record's bytes.</param>
/// <param name="DataLength">The data's bytes.</param>
/// <param name="RecordCheck">The CRC-32C of the record.</param>
/// <param name="DataCheck">The CRC-32C of the data.</param>
readonly record struct LogFrame(LogFrameKind Kind, int RecordLength, int DataLength, uint RecordCheck, uint DataCheck)
{
    /// <summary>The head's length, in bytes.</summary>
    public const int HeadLength = 24;

    /// <summary>Where frames may begin: at multiples of it.</summary>
    public const int Alignment = 8;

    /// <summary>The length of the frames that only hold a number.</summary>
    public const int NumberLength = HeadLength + sizeof(ulong);

    /// <summary>The longest record that there can be.</summary>
    public const int LongestRecord = 1 << 18;

    /// <summary>The longest data that a record can carry.</summary>
    public const int LongestData = 1 << 18;

    /// <summary>How many bytes the whole frame takes.</summary>
    public int Length => LengthOf(RecordLength, DataLength);

    /// <summary>How many bytes a frame takes.</summary>
    public static int LengthOf(int record, int data) => (HeadLength + record + data + Alignment - 1) & -Alignment;

    /// <summary>Writes the head.</summary>
    /// <param name="head">The first <see cref="HeadLength"/> bytes of the frame.</param>
    /// <param name="seed">The file's, see <see cref="LogHeader.Seed"/>.</param>
    /// <param name="offset">Where the frame lies in the file.</param>
    public void Write(Span<byte> head, uint seed, long offset)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], RecordLength);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], DataLength);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], RecordCheck);
        BinaryPrimitives.WriteUInt32LittleEndian(head[16..], DataCheck);
        BinaryPrimitives.WriteUInt32LittleEndian(head[20..], (uint)Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(head, Check(head, seed, offset));
    }

    /// <summary>Reads a head.</summary>
    /// <param name="head">Any bytes.</param>
    /// <param name="seed">The file's.</param>
    /// <param name="offset">Where they lie in the file.</param>
    /// <param name="frame">The head.</param>
    /// <returns>Whether they are the head of a frame of that file at that offset.</returns>
    public static bool TryRead(ReadOnlySpan<byte> head, uint seed, long offset, out LogFrame frame)
    {
        frame = default;
        if (head.Length < HeadLength)
            return false;
        var kind = BinaryPrimitives.ReadUInt32LittleEndian(head[20..]);
        var record = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        var data = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (kind is < (uint)LogFrameKind.Record or > (uint)LogFrameKind.End || (uint)record > LongestRecord || (uint)data > LongestData)
            return false;
        if (kind != (uint)LogFrameKind.Record && (record != sizeof(ulong) || data != 0))
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(head) != Check(head, seed, offset))
            return false;
        frame = new LogFrame(
            (LogFrameKind)kind,
            record,
            data,
            BinaryPrimitives.ReadUInt32LittleEndian(head[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(head[16..]));
        return true;
    }

    /// <summary>Writes a whole frame that only holds a number.</summary>
    public static void WriteNumber(Span<byte> bytes, LogFrameKind kind, ulong number, uint seed, long offset)
    {
        var record = bytes.Slice(HeadLength, sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(record, number);
        new LogFrame(kind, sizeof(ulong), 0, Crc32C.Compute(record), 0).Write(bytes, seed, offset);
    }

    static uint Check(ReadOnlySpan<byte> head, uint seed, long offset)
    {
        Span<byte> bytes = stackalloc byte[HeadLength + sizeof(long) - sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, offset);
        head[sizeof(uint)..HeadLength].CopyTo(bytes[sizeof(long)..]);
        return Crc32C.Compute(bytes, seed);
    }
}
