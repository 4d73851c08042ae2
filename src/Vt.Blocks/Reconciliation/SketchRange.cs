using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Reconciliation;

/// <summary>Neighbouring parts of all names, each the names whose digests begin with the same bits.</summary>
/// <param name="Bits">How many bits, 0 to <see cref="MostBits"/>; 0 for one part that is all.</param>
/// <param name="First">The first part: those bits as a number.</param>
/// <param name="Last">The last part.</param>
public readonly record struct SketchRange(int Bits, uint First, uint Last)
{
    /// <summary>The most bits: a part has one name of 16 million.</summary>
    public const int MostBits = 24;

    /// <summary>How many parts there are.</summary>
    public long Count => (long)Last - First + 1;

    /// <summary>All parts of so many bits.</summary>
    public static SketchRange All(int bits) => new(bits, 0, (uint)((1L << bits) - 1));

    /// <summary>Refuses what is none.</summary>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public void Check()
    {
        if (Bits is < 0 or > MostBits || First > Last || Last >= 1L << Bits)
            throw new FormatInvalidException($"parts {First} to {Last} of {Bits} bits are none");
    }

    /// <summary>The part that a name is in; it may lie outside of these.</summary>
    public uint PartOf(in BlockHash hash) => Bits == 0 ? 0 : (uint)(hash.Prefix >> (64 - Bits));

    /// <summary>The name right before the first part; null where there is none.</summary>
    public BlockHash? Before(HashAlgorithmId algorithm)
    {
        if (First == 0)
            return null;
        Span<byte> digest = stackalloc byte[HashAlgorithms.DigestLength(algorithm)];
        digest.Fill(0xff);
        BinaryPrimitives.WriteUInt64BigEndian(digest, ((ulong)First << (64 - Bits)) - 1);
        return new BlockHash(algorithm, digest);
    }
}
