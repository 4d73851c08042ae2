using System.Buffers.Binary;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// A digest as four big-endian numbers: compared as numbers they sort as the digest's bytes do, and each number gives
/// bits that are independent of the others (<see cref="A"/> places, <see cref="B"/> filters, <see cref="C"/> hashes in memory).
/// </summary>
readonly record struct BlockKey(ulong A, ulong B, ulong C, ulong D) : IComparable<BlockKey>
{
    public const int Size = BlockHash.MaxDigestLength;

    public static BlockKey Of(in BlockHash hash) => Read(hash.Digest);

    public static BlockKey Read(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Size];
        return new BlockKey(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));
    }

    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], D);
    }

    public BlockHash ToHash(HashAlgorithmId algorithm)
    {
        Span<byte> digest = stackalloc byte[Size];
        Write(digest);
        return new BlockHash(algorithm, digest);
    }

    /// <summary>The digest's byte at <paramref name="index"/>, from 0 to 31: the digits that the radix sort goes by.</summary>
    public int ByteAt(int index)
    {
        var word = (index >> 3) switch { 0 => A, 1 => B, 2 => C, _ => D };
        return (byte)(word >> (56 - ((index & 7) << 3)));
    }

    public int CompareTo(BlockKey other)
    {
        if (A != other.A)
            return A < other.A ? -1 : 1;
        if (B != other.B)
            return B < other.B ? -1 : 1;
        if (C != other.C)
            return C < other.C ? -1 : 1;
        return D.CompareTo(other.D);
    }
}
