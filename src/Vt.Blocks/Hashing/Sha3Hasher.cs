using System.Security.Cryptography;

namespace Vt.Blocks.Hashing;

/// <summary>Names blocks by SHA3-256 (FIPS 202), as the platform computes it: OpenSSL 1.1.1 or newer on Linux.</summary>
public sealed class Sha3Hasher : BlockHasher
{
    /// <summary>Names blocks by SHA3-256.</summary>
    /// <exception cref="PlatformNotSupportedException">The platform's cryptography lacks it.</exception>
    public Sha3Hasher()
    {
        if (!SHA3_256.IsSupported)
            throw new PlatformNotSupportedException("sha3-256 needs OpenSSL 1.1.1 or newer on this machine; use blake3 or sha256");
    }

    /// <inheritdoc/>
    public override HashAlgorithmId Algorithm => HashAlgorithmId.Sha3;

    /// <inheritdoc/>
    public override BlockHash Hash(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA3_256.HashSizeInBytes];
        SHA3_256.HashData(data, digest);
        return new BlockHash(HashAlgorithmId.Sha3, digest);
    }

    /// <inheritdoc/>
    public override StreamingHash StartStreaming() =>
        new PlatformStreaming(HashAlgorithmId.Sha3, IncrementalHash.CreateHash(HashAlgorithmName.SHA3_256));
}
