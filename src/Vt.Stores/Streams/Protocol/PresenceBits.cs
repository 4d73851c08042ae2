using Vt.Blocks.Contracts;

namespace Vt.Stores.Streams.Protocol;

/// <summary>Which of the blocks that were asked about are there: a bit for each, from the lowest of the first byte on.</summary>
public static class PresenceBits
{
    /// <summary>Makes the bits.</summary>
    public static byte[] Make(ReadOnlySpan<bool> present)
    {
        var bits = new byte[(present.Length + 7) / 8];
        for (var i = 0; i < present.Length; i++)
            bits[i / 8] |= (byte)(present[i] ? 1 << (i % 8) : 0);
        return bits;
    }

    /// <summary>Reads the bits.</summary>
    /// <param name="bits">The frame's meta.</param>
    /// <param name="present">Receives an answer for each block.</param>
    /// <exception cref="FormatInvalidException">There are more or fewer than that.</exception>
    public static void Read(ReadOnlySpan<byte> bits, Span<bool> present)
    {
        if (bits.Length != (present.Length + 7) / 8)
            throw new FormatInvalidException($"{bits.Length} bytes say which of {present.Length} blocks are there");
        for (var i = 0; i < present.Length; i++)
            present[i] = (bits[i / 8] >> (i % 8) & 1) != 0;
    }

    /// <summary>Whether all blocks are there.</summary>
    /// <param name="bits">The frame's meta.</param>
    /// <param name="count">How many were asked about.</param>
    public static bool AreAllSet(ReadOnlySpan<byte> bits, int count)
    {
        var present = new bool[count];
        Read(bits, present);
        return !present.AsSpan().Contains(false);
    }
}
