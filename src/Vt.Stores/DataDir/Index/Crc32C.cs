using System.Buffers.Binary;
using System.Numerics;

namespace Vt.Stores.DataDir.Index;

/// <summary>CRC-32C (Castagnoli), as iSCSI has it (RFC 3720, appendix B.4); in hardware where the processor can.</summary>
static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
