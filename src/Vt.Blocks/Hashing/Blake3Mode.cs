using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vt.Blocks.Hashing;

/// <summary>One of BLAKE3's three functions with its key, and how many lanes to compute it in.</summary>
readonly struct Blake3Mode
{
    readonly Blake3Constants.Value _key;

    /// <summary>A function under a key.</summary>
    /// <param name="key">32 bytes; copied.</param>
    /// <param name="flags">The function's flag.</param>
    /// <param name="widest">At most this many lanes: 1, 4, 8 or 16.</param>
    public Blake3Mode(ReadOnlySpan<byte> key, uint flags, int widest)
    {
        for (var i = 0; i < 8; i++)
            _key[i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(i * sizeof(uint))..]);
        Flags = flags;
        Widest = widest;
    }

    Blake3Mode(int widest)
    {
        for (var i = 0; i < 8; i++)
            _key[i] = Blake3Constants.Iv[i];
        Widest = widest;
    }

    /// <summary>The key's words, or the initial value.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref readonly Blake3Constants.Value Key => ref _key;

    /// <summary>The function's flag, which all blocks carry.</summary>
    public uint Flags { get; }

    /// <summary>At most this many lanes: 1, 4, 8 or 16.</summary>
    public int Widest { get; }

    /// <summary>
    /// As many lanes as this machine computes at once. Asks for the instruction sets themselves: whether a vector is called
    /// accelerated also depends on settings of the runtime. The vector kernels take words as memory holds them, so they need
    /// a little-endian machine.
    /// </summary>
    public static int MachineWidth
    {
        get
        {
            if (!BitConverter.IsLittleEndian)
                return 1;
            if (Avx512F.IsSupported)
                return 16;
            if (Avx2.IsSupported)
                return 8;
            return Vector128.IsHardwareAccelerated ? 4 : 1;
        }
    }

    /// <summary>The plain hash.</summary>
    public static Blake3Mode Plain(int widest) => new(widest);
}
