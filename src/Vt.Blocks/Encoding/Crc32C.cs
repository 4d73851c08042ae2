using System.Buffers.Binary;
using System.Numerics;

namespace Vt.Blocks.Encoding;

/// <summary>
/// CRC-32C (Castagnoli; RFC 3720 section 12.1): the checksum of our files' headers, tables and log records. It finds torn and
/// rotten bytes; it is no defence against forgers, who are met by the block hashes.
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>, or of what <paramref name="seed"/> is the checksum of followed by it.</summary>
    /// <param name="data">Any number of bytes; borrowed for the call.</param>
    /// <param name="seed">0 to start, or the checksum of everything before <paramref name="data"/>.</param>
    public static uint Compute(ReadOnlySpan<byte> data, uint seed = 0)
    {
        var crc = ~seed;
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
