using System.Runtime.Intrinsics;

namespace Vt.Blocks.Chunking;

/// <summary>
/// What <see cref="PGearKernel"/> asks of a vector. Each 128 bits of it are a stream of their own, so that nothing ever crosses
/// between them: 16 bytes, or eight 16-bit numbers.
/// </summary>
/// <typeparam name="T">The vector.</typeparam>
interface IPGearVector<T>
    where T : struct
{
    /// <summary>How many streams the vector has.</summary>
    static abstract int Streams { get; }

    /// <summary>Sixteen bytes of each stream; the streams lie <paramref name="stride"/> bytes apart.</summary>
    static abstract T Load(ref byte first, nuint stride);

    /// <summary>The same 16-bit number everywhere.</summary>
    static abstract T Repeat(ushort value);

    /// <summary>The same table for each stream.</summary>
    static abstract T Table(Vector128<byte> table);

    /// <summary>The low four bits of each byte.</summary>
    static abstract T LowNibbles(T bytes);

    /// <summary>The high four bits of each byte.</summary>
    static abstract T HighNibbles(T bytes);

    /// <summary>Of each stream's table the entries that the indices, 0 to 15, tell.</summary>
    static abstract T Lookup(T table, T indices);

    /// <summary>Exclusive or.</summary>
    static abstract T Xor(T left, T right);

    /// <summary>16-bit numbers of each stream's first eight bytes.</summary>
    static abstract T JoinLow(T low, T high);

    /// <summary>16-bit numbers of each stream's last eight bytes.</summary>
    static abstract T JoinHigh(T low, T high);

    /// <summary>Each stream's eight numbers one position back.</summary>
    static abstract T Back1(T previous, T current);

    /// <summary>Each stream's eight numbers two positions back.</summary>
    static abstract T Back2(T previous, T current);

    /// <summary>Each stream's eight numbers four positions back.</summary>
    static abstract T Back4(T previous, T current);

    /// <summary>numbers + earlier * factor, modulo 2^16.</summary>
    static abstract T Step(T numbers, T earlier, T factor);

    /// <summary>Stores 16 bits of each stream, set where the number is at most <paramref name="last"/>; streams lie <paramref name="stride"/> words apart.</summary>
    static abstract void StoreCandidates(T first, T second, T last, ref ushort bits, nuint stride);
}
