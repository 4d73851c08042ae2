namespace Vt.Blocks.Hashing;

/// <summary>The closed list of hash algorithms: their names, their digest lengths and where to get a hasher.</summary>
public static class HashAlgorithms
{
    /// <summary>What a new store uses unless it is told otherwise.</summary>
    public const HashAlgorithmId Default = HashAlgorithmId.Blake3;

    /// <summary>Every algorithm, in the order of their numbers.</summary>
    public static ReadOnlySpan<HashAlgorithmId> All => [HashAlgorithmId.Blake3, HashAlgorithmId.Sha256, HashAlgorithmId.Sha3];

    /// <summary>The digest's length in bytes; 0 for <see cref="HashAlgorithmId.None"/> and numbers that are not known.</summary>
    public static int DigestLength(HashAlgorithmId algorithm) => algorithm switch
    {
        HashAlgorithmId.Blake3 or HashAlgorithmId.Sha256 or HashAlgorithmId.Sha3 => 32,
        _ => 0,
    };

    /// <summary>The name in text forms, options and configuration.</summary>
    public static string NameOf(HashAlgorithmId algorithm) => algorithm switch
    {
        HashAlgorithmId.Blake3 => "blake3",
        HashAlgorithmId.Sha256 => "sha256",
        HashAlgorithmId.Sha3 => "sha3-256",
        _ => $"unknown-{(int)algorithm}",
    };

    /// <summary>Finds the algorithm that a name means, without regard to case.</summary>
    public static bool TryParseName(ReadOnlySpan<char> name, out HashAlgorithmId algorithm)
    {
        foreach (var candidate in All)
        {
            if (name.Equals(NameOf(candidate), StringComparison.OrdinalIgnoreCase))
            {
                algorithm = candidate;
                return true;
            }
        }

        algorithm = HashAlgorithmId.None;
        return false;
    }

    /// <summary>A hasher that makes plain names with an algorithm.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The algorithm is <see cref="HashAlgorithmId.None"/> or not known.</exception>
    /// <exception cref="PlatformNotSupportedException">The platform's cryptography lacks the algorithm.</exception>
    public static BlockHasher GetHasher(HashAlgorithmId algorithm) => algorithm switch
    {
        HashAlgorithmId.Blake3 => new Blake3Hasher(),
        HashAlgorithmId.Sha256 => new Sha256Hasher(),
        HashAlgorithmId.Sha3 => new Sha3Hasher(),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), (int)algorithm, "no such hash algorithm"),
    };
}
