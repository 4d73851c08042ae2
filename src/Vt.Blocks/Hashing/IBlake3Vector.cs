namespace Vt.Blocks.Hashing;

/// <summary>What <see cref="Blake3Kernel"/> asks of a vector of 32-bit words, one for each lane.</summary>
/// <typeparam name="T">The vector.</typeparam>
interface IBlake3Vector<T>
    where T : struct
{
    /// <summary>How many lanes the vector has.</summary>
    static abstract int Lanes { get; }

    /// <summary>The same word in all lanes.</summary>
    static abstract T Broadcast(uint value);

    /// <summary>The words that start at <paramref name="first"/>.</summary>
    static abstract T Load(ref uint first);

    /// <summary>Exclusive or.</summary>
    static abstract T Xor(T left, T right);

    /// <summary>Of every lane the one or the other, by a mask of all ones or zeros.</summary>
    static abstract T Select(T mask, T ifSet, T ifClear);

    /// <summary>BLAKE3's quarter round G with two message words. The message is added first, off the critical path.</summary>
    static abstract void Mix(ref T a, ref T b, ref T c, ref T d, T x, T y);

    /// <summary>Loads 64 bytes of each lane, at <paramref name="input"/> plus its offset, and turns them into sixteen vectors.</summary>
    static abstract void LoadBlock(
        ref byte input, ref uint offsets,
        out T m0, out T m1, out T m2, out T m3, out T m4, out T m5, out T m6, out T m7,
        out T m8, out T m9, out T ma, out T mb, out T mc, out T md, out T me, out T mf);

    /// <summary>Stores 32 bytes of each lane at <paramref name="output"/> plus its target.</summary>
    static abstract void Store(ref byte output, ref uint targets, T h0, T h1, T h2, T h3, T h4, T h5, T h6, T h7);
}
