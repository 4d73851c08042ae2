using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vt.Blocks.Hashing;

/// <summary>
/// The name of a block: the algorithm that made it and the digest of the block's bytes. Ordered by algorithm, then by
/// digest as unsigned bytes, so that sorted hashes are sorted keys on disk too.
/// </summary>
/// <remarks>The binary form is the algorithm's number, one byte, followed by the digest. The text form is <c>hex.name</c>.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct BlockHash : IEquatable<BlockHash>, IComparable<BlockHash>
{
    /// <summary>The longest digest that fits, in bytes. Every algorithm so far makes exactly this many.</summary>
    public const int MaxDigestLength = 32;

    readonly Digest32 _digest;
    readonly HashAlgorithmId _algorithm;

    [InlineArray(MaxDigestLength)]
    struct Digest32
    {
        byte _first;
    }

    /// <summary>Names a block by the digest that an algorithm gave.</summary>
    /// <param name="algorithm">The algorithm; not <see cref="HashAlgorithmId.None"/>.</param>
    /// <param name="digest">The digest, exactly as long as the algorithm's; copied.</param>
    /// <exception cref="ArgumentException">The digest has another length than the algorithm's.</exception>
    public BlockHash(HashAlgorithmId algorithm, ReadOnlySpan<byte> digest)
    {
        if (digest.Length != HashAlgorithms.DigestLength(algorithm))
        {
            throw new ArgumentException(
                $"a {HashAlgorithms.NameOf(algorithm)} digest has {HashAlgorithms.DigestLength(algorithm)} bytes, not {digest.Length}", nameof(digest));
        }

        _algorithm = algorithm;
        digest.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<Digest32, byte>(ref _digest), MaxDigestLength));
    }

    /// <summary>The algorithm, or <see cref="HashAlgorithmId.None"/> of an uninitialised value.</summary>
    public HashAlgorithmId Algorithm => _algorithm;

    /// <summary>Whether this names no block at all.</summary>
    public bool IsNone => _algorithm == HashAlgorithmId.None;

    /// <summary>The digest's bytes, in place; valid while this variable is.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Digest =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Digest32, byte>(ref Unsafe.AsRef(in _digest)), HashAlgorithms.DigestLength(_algorithm));

    /// <summary>The first eight digest bytes as a big-endian number: uniform bits, in the order of the digests.</summary>
    public ulong Prefix => BinaryPrimitives.ReadUInt64BigEndian(Bytes);

    [UnscopedRef]
    ReadOnlySpan<byte> Bytes =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Digest32, byte>(ref Unsafe.AsRef(in _digest)), MaxDigestLength);

    /// <inheritdoc/>
    public bool Equals(BlockHash other) => _algorithm == other._algorithm && Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BlockHash other && Equals(other);

    /// <inheritdoc/>
    /// <remarks>Digest bytes are uniform already, so eight of them serve as they are.</remarks>
    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Bytes[8..]);

    /// <inheritdoc/>
    public int CompareTo(BlockHash other)
    {
        var byAlgorithm = _algorithm.CompareTo(other._algorithm);
        return byAlgorithm != 0 ? byAlgorithm : Bytes.SequenceCompareTo(other.Bytes);
    }

    /// <summary>The text form: lower-case hexadecimal digits, a dot, the algorithm's name.</summary>
    public override string ToString() =>
        IsNone ? "none" : $"{Convert.ToHexStringLower(Digest)}.{HashAlgorithms.NameOf(_algorithm)}";

    /// <summary>The first twelve hexadecimal digits, for log lines.</summary>
    public string ToShortString() => IsNone ? "none" : Convert.ToHexStringLower(Digest[..6]);

    /// <summary>Reads the text form.</summary>
    /// <returns>Whether <paramref name="text"/> was exactly such a form.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out BlockHash hash)
    {
        hash = default;
        var dot = text.IndexOf('.');
        if (dot < 0 || !HashAlgorithms.TryParseName(text[(dot + 1)..], out var algorithm))
            return false;
        Span<byte> digest = stackalloc byte[MaxDigestLength];
        var length = HashAlgorithms.DigestLength(algorithm);
        if (dot != length * 2 || Convert.FromHexString(text[..dot], digest, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        hash = new BlockHash(algorithm, digest[..length]);
        return true;
    }

    /// <summary>Whether two names are the same.</summary>
    public static bool operator ==(BlockHash left, BlockHash right) => left.Equals(right);

    /// <summary>Whether two names differ.</summary>
    public static bool operator !=(BlockHash left, BlockHash right) => !left.Equals(right);

    /// <summary>Whether the left name sorts first.</summary>
    public static bool operator <(BlockHash left, BlockHash right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left name sorts first or is the same.</summary>
    public static bool operator <=(BlockHash left, BlockHash right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left name sorts last.</summary>
    public static bool operator >(BlockHash left, BlockHash right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left name sorts last or is the same.</summary>
    public static bool operator >=(BlockHash left, BlockHash right) => left.CompareTo(right) >= 0;
}
