using System.Diagnostics.CodeAnalysis;

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

    /// <summary>What each lane's block of a number brings into the state besides its bytes.</summary>
    /// <param name="lengths">The lanes' lengths in bytes.</param>
    /// <param name="endFlags">The flags of the lanes' last blocks beyond those of all.</param>
    /// <param name="block">The block's number within each lane.</param>
    /// <param name="flags">The flags of all lanes.</param>
    /// <param name="length">How many bytes of the block count, 0 to 64.</param>
    /// <param name="blockFlags">The block's flags.</param>
    /// <param name="active">All ones where the lane has this block; every lane has the first.</param>
    static abstract void StartBlock(
        ref uint lengths, ref uint endFlags, int block, uint flags, out T length, out T blockFlags, out T active);

    /// <summary>BLAKE3's quarter round G. The message is added first, off the critical path.</summary>
    /// <param name="a">A word of the first row.</param>
    /// <param name="b">A word of the second row.</param>
    /// <param name="c">Where in the room the word of the third row is.</param>
    /// <param name="d">A word of the fourth row.</param>
    /// <param name="room">The block's words and the third row, in memory.</param>
    /// <param name="x">Where in the room the first message word is.</param>
    /// <param name="y">Where in the room the second message word is.</param>
    static abstract void Mix(
        ref T a, ref T b, [ConstantExpected] int c, ref T d, ref T room, [ConstantExpected] int x, [ConstantExpected] int y);

    /// <summary>
    /// Loads 64 bytes of each lane, at <paramref name="input"/> plus its offset, and stores them at <paramref name="words"/> as
    /// sixteen vectors, one for each word.
    /// </summary>
    static abstract void LoadBlock(ref byte input, ref uint offsets, ref T words);

    /// <summary>Stores 32 bytes of each lane at <paramref name="output"/> plus its target.</summary>
    static abstract void Store(ref byte output, ref uint targets, T h0, T h1, T h2, T h3, T h4, T h5, T h6, T h7);
}
