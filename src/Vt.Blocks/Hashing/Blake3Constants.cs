using System.Runtime.CompilerServices;

namespace Vt.Blocks.Hashing;

/// <summary>The numbers of the BLAKE3 paper (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020), section 2.</summary>
static class Blake3Constants
{
    public const int BlockLength = 64;
    public const int LeafLength = 1024;
    public const int ValueLength = 32;

    public const uint ChunkStart = 1 << 0;
    public const uint ChunkEnd = 1 << 1;
    public const uint Parent = 1 << 2;
    public const uint Root = 1 << 3;
    public const uint KeyedHash = 1 << 4;
    public const uint DeriveKeyContext = 1 << 5;
    public const uint DeriveKeyMaterial = 1 << 6;

    public const uint Iv0 = 0x6a09e667;
    public const uint Iv1 = 0xbb67ae85;
    public const uint Iv2 = 0x3c6ef372;
    public const uint Iv3 = 0xa54ff53a;
    public const uint Iv4 = 0x510e527f;
    public const uint Iv5 = 0x9b05688c;
    public const uint Iv6 = 0x1f83d9ab;
    public const uint Iv7 = 0x5be0cd19;

    /// <summary>The initial value, which is the key of the plain hash.</summary>
    public static ReadOnlySpan<uint> Iv => [Iv0, Iv1, Iv2, Iv3, Iv4, Iv5, Iv6, Iv7];

    /// <summary>Eight words: a key or a chaining value.</summary>
    [InlineArray(8)]
    public struct Value
    {
        uint _first;
    }
}
