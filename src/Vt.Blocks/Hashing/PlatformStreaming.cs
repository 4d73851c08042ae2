using System.Security.Cryptography;

namespace Vt.Blocks.Hashing;

/// <summary>A hash of the platform's over data that arrives in pieces.</summary>
sealed class PlatformStreaming : StreamingHash
{
    readonly HashAlgorithmId _algorithm;
    readonly IncrementalHash _hash;

    /// <summary>Wraps and owns <paramref name="hash"/>.</summary>
    public PlatformStreaming(HashAlgorithmId algorithm, IncrementalHash hash)
    {
        _algorithm = algorithm;
        _hash = hash;
    }

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    /// <inheritdoc/>
    public override BlockHash Current()
    {
        Span<byte> digest = stackalloc byte[BlockHash.MaxDigestLength];
        var length = _hash.GetCurrentHash(digest);
        return new BlockHash(_algorithm, digest[..length]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _hash.Dispose();
        base.Dispose();
    }
}
