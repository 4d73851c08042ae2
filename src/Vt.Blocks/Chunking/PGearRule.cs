using System.Numerics;
using Vt.Blocks.Encoding;

namespace Vt.Blocks.Chunking;

/// <summary>
/// Rule 1, "PGear" with a window of 32 bytes: which positions of content may be cuts. All of it is on-disk format: a change of
/// any number here is another rule, with another number.
/// </summary>
/// <remarks>
/// Each byte b stands for T(b) = LowNibble[b and 15] xor HighNibble[b shr 4]. A position's gear is the sum over the 32 bytes
/// before it, the last with i = 0, of T(b) * Base^i, modulo 2^16. Because H2k[i] = Hk[i] + Base^k * Hk[i-k], vectors compute it
/// for many positions at once. A position is a candidate where the gear is less than <see cref="Bound"/>; a candidate is a cut
/// where <see cref="Mix64"/> of the 32 bytes is less than a threshold: the strict one while the chunk is shorter than
/// <see cref="Switch"/>, the lax one from there on. That is FastCDC's normalised chunking (Xia et al. 2020, level 2) with
/// numbers that need not be powers of two. The tables are the low 16 bits of <see cref="Mix64.Finish"/> of 1 to 32.
/// </remarks>
readonly struct PGearRule
{
    /// <summary>How many bytes a position's hash sees.</summary>
    public const int Window = 32;

    /// <summary>The polynomial's base; 5 modulo 8, so that its powers are as many as can be.</summary>
    public const ushort Base = 0x6c4d;

    /// <summary>The seed of the mix that decides.</summary>
    public const ulong Seed = 1;

    /// <summary>
    /// A cut is expected at this many hundredths of the average, since the mean lies above: 1.15 times, with a quarter and four
    /// times the average as bounds.
    /// </summary>
    const int SwitchPercent = 87;

    readonly ulong _strict;
    readonly ulong _lax;

    /// <summary>The rule for an average.</summary>
    /// <param name="average">In bytes, 256 or more.</param>
    public PGearRule(int average)
    {
        Switch = (int)((long)average * SwitchPercent / 100);
        var bits = Math.Clamp(BitOperations.Log2((uint)Switch) - 4, 0, 10);
        Bound = (ushort)(1 << (16 - bits));
        var share = (UInt128.One << 64) << bits;
        _strict = (ulong)(share / (4 * (UInt128)(uint)Switch));
        _lax = (ulong)(share * 4 / (uint)Switch);
    }

    /// <summary>Gears below this make candidates.</summary>
    public ushort Bound { get; }

    /// <summary>The chunk's length from which the lax threshold counts.</summary>
    public int Switch { get; }

    /// <summary>What the low four bits of a byte stand for.</summary>
    public static ReadOnlySpan<ushort> LowNibble =>
    [
        0x05e5, 0x148a, 0x28f0, 0x2914, 0x45dc, 0x336c, 0xdf14, 0xa9e8,
        0x5ad7, 0x0579, 0xbb6d, 0x3bbc, 0x81d1, 0xbe29, 0x1539, 0xa8bd,
    ];

    /// <summary>What the high four bits of a byte stand for.</summary>
    public static ReadOnlySpan<ushort> HighNibble =>
    [
        0x51be, 0x8871, 0xf857, 0x0af2, 0x2b49, 0xdd7b, 0x3ca5, 0xcab8,
        0xfe38, 0x06db, 0x0efc, 0x1ba2, 0x4f52, 0x2a72, 0xf165, 0xad45,
    ];

    /// <summary>Whether a candidate is a cut.</summary>
    /// <param name="data">The content from the chunk's start.</param>
    /// <param name="length">The chunk's length if it is.</param>
    public bool IsCut(ReadOnlySpan<byte> data, int length) =>
        Mix64.Hash(data.Slice(length - Window, Window), Seed) < (length < Switch ? _strict : _lax);

    /// <summary>The base to a power, modulo 2^16.</summary>
    public static ushort Power(int exponent)
    {
        ushort power = 1;
        for (var i = 0; i < exponent; i++)
            power = (ushort)(power * Base);
        return power;
    }
}
