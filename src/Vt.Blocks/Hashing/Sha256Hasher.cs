using System.Security.Cryptography;

namespace Vt.Blocks.Hashing;

/// <summary>Names blocks by SHA-256 (FIPS 180-4), as the platform computes it.</summary>
public sealed class Sha256Hasher : BlockHasher
{
    /// <inheritdoc/>
    public override HashAlgorithmId Algorithm => HashAlgorithmId.Sha256;

    /// <inheritdoc/>
    public override BlockHash Hash(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, digest);
        return new BlockHash(HashAlgorithmId.Sha256, digest);
    }

    /// <inheritdoc/>
    public override StreamingHash StartStreaming() =>
        new PlatformStreaming(HashAlgorithmId.Sha256, IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
}
