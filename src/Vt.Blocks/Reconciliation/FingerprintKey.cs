using System.Buffers.Binary;
using System.Security.Cryptography;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Reconciliation;

/// <summary>
/// Makes numbers of 61 bits of blocks' names, by a secret that is drawn for each comparison of two stores: nobody can make two names that give the same number without having
/// seen it. Immutable.
/// </summary>
/// <remarks>
/// A multilinear function over the prime 2^61 - 1 (Carter and Wegman, "Universal classes of hash functions"): each 32 bits of the digest times a number of the key. Any two
/// names give the same number with a probability of 2^-61. The other numbers of the key choose the cells of sketches.
/// </remarks>
public sealed class FingerprintKey
{
    /// <summary>How long a key is, in bytes.</summary>
    public const int Length = 16;

    const ulong Prime = (1UL << 61) - 1;
    const int Words = BlockHash.MaxDigestLength / 4;

    readonly ulong[] _factors = new ulong[Words];
    readonly byte[] _bytes;

    /// <summary>Takes a key that the other side drew.</summary>
    /// <param name="bytes">Its bytes; copied.</param>
    /// <exception cref="ArgumentException">They are not as many as a key has.</exception>
    public FingerprintKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"a key has {Length} bytes, not {bytes.Length}", nameof(bytes));
        _bytes = bytes.ToArray();
        Span<byte> seed = stackalloc byte[Length + 1];
        bytes.CopyTo(seed);
        var hasher = HashAlgorithms.GetHasher(HashAlgorithmId.Blake3);
        for (var i = 0; i < Words; i++)
        {
            seed[Length] = (byte)i;
            _factors[i] = BinaryPrimitives.ReadUInt64LittleEndian(hasher.Hash(seed).Digest) % Prime;
        }

        Cells = BinaryPrimitives.ReadUInt64LittleEndian(hasher.Hash(bytes).Digest);
    }

    /// <summary>The key's bytes, for the other side.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>What numbers are mixed with to choose cells.</summary>
    public ulong Cells { get; }

    /// <summary>Draws a key.</summary>
    public static FingerprintKey Draw() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>A name's number, below 2^61 and never 0.</summary>
    public ulong Of(in BlockHash hash)
    {
        var digest = hash.Digest;
        UInt128 sum = 1;
        for (var i = 0; i < digest.Length / 4; i++)
            sum += (UInt128)_factors[i] * BinaryPrimitives.ReadUInt32LittleEndian(digest[(i * 4)..]);

        // Modulo the prime: what is above 61 bits counts once more. The sum has 96 bits at most.
        var folded = ((ulong)sum & Prime) + (ulong)(sum >> 61);
        var number = (folded & Prime) + (folded >> 61);
        return number is 0 or Prime ? Prime : number;
    }

    /// <summary>A check of a number, by which a cell with one number in it is told from one with several.</summary>
    public uint CheckOf(ulong fingerprint) => (uint)(Mix64.Finish(fingerprint ^ Cells) >> 32);
}
