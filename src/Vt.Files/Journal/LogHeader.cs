using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Files.Journal;

/// <summary>
/// The first bytes of a log or bulk file; described in vt-live(5). They have a page to themselves, so that no later write can tear them.
/// </summary>
/// <param name="IsBulk">Whether the file holds bulk data, and no frames.</param>
/// <param name="Number">The file's number, which its name repeats.</param>
/// <param name="Epoch">The epoch of its records.</param>
/// <param name="Previous">The number of the log file before this one; 0 of the first.</param>
/// <param name="PreviousEpoch">That file's epoch.</param>
/// <param name="Salt">Random; tells this use of the file from all others.</param>
readonly record struct LogHeader(bool IsBulk, uint Number, uint Epoch, uint Previous, uint PreviousEpoch, ulong Salt)
{
    /// <summary>Where frames or bulk data begin.</summary>
    public const int Room = 4096;

    /// <summary>The header's length, in bytes.</summary>
    public const int Length = 64;

    const ushort Version = 1;
    const int CheckAt = Length - sizeof(uint);

    static ReadOnlySpan<byte> Magic => [0x89, 0x56, 0x74, 0x4c, 0x6f, 0x67, 0x0d, 0x0a];

    /// <summary>What the checksums of the file's frames go on from.</summary>
    public uint Seed
    {
        get
        {
            Span<byte> bytes = stackalloc byte[12];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, Salt);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Number);
            return Crc32C.Compute(bytes);
        }
    }

    /// <summary>A salt that was not used before: a random UUID's bits, all of which matter.</summary>
    public static ulong NewSalt()
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = Guid.NewGuid().TryWriteBytes(bytes);
        return Mix64.Finish(BinaryPrimitives.ReadUInt64LittleEndian(bytes)) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
    }

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..Length].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        bytes[10] = (byte)(IsBulk ? 2 : 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Number);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], Previous);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], PreviousEpoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CheckAt..], Crc32C.Compute(bytes[..CheckAt]));
    }

    /// <summary>Reads a header.</summary>
    /// <returns>The header; null where there is none, be it torn, never written, or of what the file was before.</returns>
    /// <exception cref="FormatInvalidException">It is of a version that is not known.</exception>
    public static LogHeader? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[CheckAt..]) != Crc32C.Compute(bytes[..CheckAt]))
        {
            return null;
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != Version)
            throw new FormatInvalidException($"log files of version {version} are not known", 8);
        if (bytes[10] is not (1 or 2))
            throw new FormatInvalidException($"log files of kind {bytes[10]} are not known", 10);
        return new LogHeader(
            bytes[10] == 2,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]));
    }
}
