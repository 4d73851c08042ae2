using System.Buffers.Binary;
using System.Numerics;

namespace Vt.Blocks.Encoding;

/// <summary>
/// A 64-bit hash of bytes that spreads evenly over all its bits, for boundaries of trees and for filters. Part of the on-disk
/// format: it never changes. It is fast, not secure: whoever knows it can craft collisions, so nothing may trust it with more
/// than balance.
/// </summary>
/// <remarks>
/// State h starts as seed ^ K0. Each 16 bytes, read as little-endian words a and b, and then the rest padded with zeros to 16
/// (also when there is no rest), step h to Fold(a ^ K1, b ^ h) + rotl(h, 29), where Fold is the exclusive or of the halves of
/// the 128-bit product. The end is Finish(h ^ length * K2), the finisher of SplitMix64 (Steele, Lea, Flood 2014). The
/// constants are the fractional bits of the square roots of 2, 3 and 5, made odd.
/// </remarks>
public static class Mix64
{
    const ulong K0 = 0x6a09e667f3bcc909;
    const ulong K1 = 0xbb67ae8584caa73b;
    const ulong K2 = 0x3c6ef372fe94f82b;
    const int Block = 16;

    /// <summary>Mixes <paramref name="data"/> under <paramref name="seed"/>; other seeds give unrelated values.</summary>
    /// <param name="data">Any number of bytes; borrowed for the call.</param>
    /// <param name="seed">Which of the 2^64 functions.</param>
    public static ulong Hash(ReadOnlySpan<byte> data, ulong seed = 0)
    {
        var length = (ulong)data.Length;
        var state = seed ^ K0;
        while (data.Length >= Block)
        {
            state = Step(state, data);
            data = data[Block..];
        }

        Span<byte> last = stackalloc byte[Block];
        last.Clear();
        data.CopyTo(last);
        state = Step(state, last);
        return Finish(state ^ (length * K2));
    }

    /// <summary>Spreads one number over all 64 bits, one to one: the finisher of SplitMix64.</summary>
    public static ulong Finish(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    static ulong Step(ulong state, ReadOnlySpan<byte> block)
    {
        var a = BinaryPrimitives.ReadUInt64LittleEndian(block) ^ K1;
        var b = BinaryPrimitives.ReadUInt64LittleEndian(block[8..]) ^ state;
        var high = Math.BigMul(a, b, out ulong low);
        return (high ^ low) + BitOperations.RotateLeft(state, 29);
    }
}
