namespace Vt.Blocks.Hashing;

/// <summary>The number that stands for a hash algorithm in every binary form. Numbers are never reused.</summary>
public enum HashAlgorithmId : byte
{
    /// <summary>No hash: the value of an uninitialised <see cref="BlockHash"/>.</summary>
    None = 0,

    /// <summary>BLAKE3 with a 256-bit output, the default.</summary>
    Blake3 = 1,

    /// <summary>SHA-256 (FIPS 180-4).</summary>
    Sha256 = 2,

    /// <summary>SHA3-256 (FIPS 202).</summary>
    Sha3 = 3,
}
