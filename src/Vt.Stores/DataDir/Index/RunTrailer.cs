using System.Buffers.Binary;
using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Index;

/// <summary>A run's last <see cref="Size"/> bytes, by which it is found from the end of a pack and known to be whole.</summary>
/// <param name="TotalLength">The run's bytes, header to trailer.</param>
/// <param name="HeaderCheck">The header's checksum again.</param>
readonly record struct RunTrailer(long TotalLength, uint HeaderCheck)
{
    public const int Size = 32;

    const int CheckOffset = Size - 4;

    static ReadOnlySpan<byte> Magic => "VtRunEnd"u8;

    /// <summary>Reads a trailer.</summary>
    /// <exception cref="FormatInvalidException">There is none, or it is damaged.</exception>
    public static RunTrailer Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Size || !bytes[..8].SequenceEqual(Magic))
            throw new FormatInvalidException("no run ends here");
        bytes = bytes[..Size];
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        if (Crc32C.Of(bytes[..CheckOffset]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[CheckOffset..])
            || bytes[20..CheckOffset].ContainsAnyExcept((byte)0) || length < RunHeader.Size + Size)
        {
            throw new FormatInvalidException("a run's trailer is damaged");
        }

        return new RunTrailer(length, BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]));
    }

    /// <summary>Writes the trailer into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], TotalLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], HeaderCheck);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CheckOffset..], Crc32C.Of(bytes[..CheckOffset]));
    }
}
