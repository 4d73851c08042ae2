using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Vt.Blocks.Encoding;

/// <summary>
/// CRC-32C (Castagnoli; RFC 3720 section 12.1): the checksum of our files' headers, tables and log records. It finds torn and
/// rotten bytes; it is no defence against forgers, who are met by the block hashes.
/// </summary>
/// <remarks>
/// A processor takes three cycles for eight bytes but can begin with others in each of them. So of what is long three parts are computed side by side, and
/// then put together: a checksum is linear, and what zero bytes behind it make of it is a table's work.
/// </remarks>
public static class Crc32C
{
    const int LongPart = 4096;
    const int ShortPart = 256;

    /// <summary>The checksum of <paramref name="data"/>, or of what <paramref name="seed"/> is the checksum of followed by it.</summary>
    /// <param name="data">Any number of bytes; borrowed for the call.</param>
    /// <param name="seed">0 to start, or the checksum of everything before <paramref name="data"/>.</param>
    public static uint Compute(ReadOnlySpan<byte> data, uint seed = 0)
    {
        var crc = ~seed;
        if (data.Length >= 3 * ShortPart && BitConverter.IsLittleEndian)
        {
            crc = ComputeInThree(ref data, crc, LongPart, ZerosBehind.Long);
            crc = ComputeInThree(ref data, crc, ShortPart, ZerosBehind.Short);
        }

        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    static uint ComputeInThree(ref ReadOnlySpan<byte> data, uint crc, int part, ZerosBehind zeros)
    {
        while (data.Length >= 3 * part)
        {
            var first = MemoryMarshal.Cast<byte, ulong>(data[..part]);
            var second = MemoryMarshal.Cast<byte, ulong>(data.Slice(part, part));
            var third = MemoryMarshal.Cast<byte, ulong>(data.Slice(2 * part, part));
            var (of2, of3) = (0u, 0u);
            for (var i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
            {
                crc = BitOperations.Crc32C(crc, first[i]);
                of2 = BitOperations.Crc32C(of2, second[i]);
                of3 = BitOperations.Crc32C(of3, third[i]);
            }

            crc = zeros.Apply(zeros.Apply(crc) ^ of2) ^ of3;
            data = data[(3 * part)..];
        }

        return crc;
    }

    /// <summary>What a number of zero bytes makes of a checksum, as a table for each of its bytes.</summary>
    sealed class ZerosBehind
    {
        readonly uint[] _tables = new uint[4 * 256];

        ZerosBehind(int count)
        {
            for (var bit = 0; bit < 32; bit++)
            {
                var crc = 1u << bit;
                for (var i = 0; i < count; i += sizeof(ulong))
                    crc = BitOperations.Crc32C(crc, 0UL);
                var table = _tables.AsSpan(bit / 8 * 256, 256);
                for (var value = 0; value < table.Length; value++)
                    table[value] ^= (value >> (bit % 8) & 1) != 0 ? crc : 0;
            }
        }

        public static ZerosBehind Long { get; } = new(LongPart);

        public static ZerosBehind Short { get; } = new(ShortPart);

        public uint Apply(uint crc) =>
            _tables[(byte)crc] ^ _tables[256 + (byte)(crc >> 8)] ^ _tables[512 + (byte)(crc >> 16)] ^ _tables[768 + (byte)(crc >> 24)];
    }
}
