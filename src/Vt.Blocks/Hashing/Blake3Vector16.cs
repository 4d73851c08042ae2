using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vt.Blocks.Hashing;

/// <summary>
/// Sixteen lanes: AVX-512F. Every operation has a form without it, so that the same arithmetic and the same transposition are
/// tested on machines that lack it.
/// </summary>
static class Blake3Vector16
{
    /// <inheritdoc/>
    public static int Lanes => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Broadcast(uint value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load(ref uint first) => Vector512.LoadUnsafe(ref first);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Xor(Vector512<uint> left, Vector512<uint> right) => left ^ right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Select(Vector512<uint> mask, Vector512<uint> ifSet, Vector512<uint> ifClear) =>
        Vector512.ConditionalSelect(mask, ifSet, ifClear);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StartBlock(
        ref uint lengths, ref uint endFlags, int block, uint flags,
        out Vector512<uint> length, out Vector512<uint> blockFlags, out Vector512<uint> active)
    {
        var left = Vector512.LoadUnsafe(ref lengths).AsInt32() - Vector512.Create(block * Blake3Constants.BlockLength);
        length = Vector512.Min(Vector512.Max(left, Vector512<int>.Zero), Vector512.Create(Blake3Constants.BlockLength)).AsUInt32();
        var ended = Vector512.LessThan(left, Vector512.Create(Blake3Constants.BlockLength + 1)).AsUInt32();
        blockFlags = Vector512.Create(flags) | (ended & Vector512.LoadUnsafe(ref endFlags));
        active = Vector512.GreaterThan(left, Vector512.Create(block == 0 ? -1 : 0)).AsUInt32();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mix(
        ref Vector512<uint> a, ref Vector512<uint> b, ref Vector512<uint> c, ref Vector512<uint> d, Vector512<uint> x, Vector512<uint> y)
    {
        a = a + x + b;
        d = Rotate(d ^ a, 16);
        c += d;
        b = Rotate(b ^ c, 12);
        a = a + y + b;
        d = Rotate(d ^ a, 8);
        c += d;
        b = Rotate(b ^ c, 7);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBlock(
        ref byte input, ref uint offsets,
        out Vector512<uint> m0, out Vector512<uint> m1, out Vector512<uint> m2, out Vector512<uint> m3,
        out Vector512<uint> m4, out Vector512<uint> m5, out Vector512<uint> m6, out Vector512<uint> m7,
        out Vector512<uint> m8, out Vector512<uint> m9, out Vector512<uint> ma, out Vector512<uint> mb,
        out Vector512<uint> mc, out Vector512<uint> md, out Vector512<uint> me, out Vector512<uint> mf)
    {
        Quad(ref input, ref Unsafe.Add(ref offsets, 0), out m0, out m1, out m2, out m3);
        Quad(ref input, ref Unsafe.Add(ref offsets, 4), out m4, out m5, out m6, out m7);
        Quad(ref input, ref Unsafe.Add(ref offsets, 8), out m8, out m9, out ma, out mb);
        Quad(ref input, ref Unsafe.Add(ref offsets, 12), out mc, out md, out me, out mf);
        Gather(ref m0, ref m4, ref m8, ref mc);
        Gather(ref m1, ref m5, ref m9, ref md);
        Gather(ref m2, ref m6, ref ma, ref me);
        Gather(ref m3, ref m7, ref mb, ref mf);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte output, ref uint targets,
        Vector512<uint> h0, Vector512<uint> h1, Vector512<uint> h2, Vector512<uint> h3,
        Vector512<uint> h4, Vector512<uint> h5, Vector512<uint> h6, Vector512<uint> h7)
    {
        Blake3Vector8.Store(
            ref output, ref targets,
            h0.GetLower(), h1.GetLower(), h2.GetLower(), h3.GetLower(), h4.GetLower(), h5.GetLower(), h6.GetLower(), h7.GetLower());
        Blake3Vector8.Store(
            ref output, ref Unsafe.Add(ref targets, 8),
            h0.GetUpper(), h1.GetUpper(), h2.GetUpper(), h3.GetUpper(), h4.GetUpper(), h5.GetUpper(), h6.GetUpper(), h7.GetUpper());
    }

    /// <summary>Loads four lanes' blocks and turns each 128 bits: vector k gets word 4j + k of all four in its part j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Quad(
        ref byte input, ref uint offsets, out Vector512<uint> m0, out Vector512<uint> m1, out Vector512<uint> m2, out Vector512<uint> m3)
    {
        var r0 = Vector512.LoadUnsafe(ref input, offsets).AsUInt32();
        var r1 = Vector512.LoadUnsafe(ref input, Unsafe.Add(ref offsets, 1)).AsUInt32();
        var r2 = Vector512.LoadUnsafe(ref input, Unsafe.Add(ref offsets, 2)).AsUInt32();
        var r3 = Vector512.LoadUnsafe(ref input, Unsafe.Add(ref offsets, 3)).AsUInt32();
        var low01 = InterleaveLow(r0, r1);
        var high01 = InterleaveHigh(r0, r1);
        var low23 = InterleaveLow(r2, r3);
        var high23 = InterleaveHigh(r2, r3);
        m0 = JoinLow(low01, low23);
        m1 = JoinHigh(low01, low23);
        m2 = JoinLow(high01, high23);
        m3 = JoinHigh(high01, high23);
    }

    /// <summary>Transposes four vectors of four parts of 128 bits each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Gather(ref Vector512<uint> r0, ref Vector512<uint> r1, ref Vector512<uint> r2, ref Vector512<uint> r3)
    {
        var even01 = EvenParts(r0, r1);
        var odd01 = OddParts(r0, r1);
        var even23 = EvenParts(r2, r3);
        var odd23 = OddParts(r2, r3);
        r0 = EvenParts(even01, even23);
        r1 = EvenParts(odd01, odd23);
        r2 = OddParts(even01, even23);
        r3 = OddParts(odd01, odd23);
    }

    /// <summary>Parts 0 and 2 of a, then of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> EvenParts(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported
            ? Avx512F.Shuffle4x128(a, b, 0x88)
            : Vector512.Create(
                Vector256.Create(a.GetLower().GetLower(), a.GetUpper().GetLower()),
                Vector256.Create(b.GetLower().GetLower(), b.GetUpper().GetLower()));

    /// <summary>Parts 1 and 3 of a, then of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> OddParts(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported
            ? Avx512F.Shuffle4x128(a, b, 0xdd)
            : Vector512.Create(
                Vector256.Create(a.GetLower().GetUpper(), a.GetUpper().GetUpper()),
                Vector256.Create(b.GetLower().GetUpper(), b.GetUpper().GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> InterleaveLow(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported
            ? Avx512F.UnpackLow(a, b)
            : Vector512.Create(
                Blake3Vector8.InterleaveLow(a.GetLower(), b.GetLower()), Blake3Vector8.InterleaveLow(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> InterleaveHigh(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported
            ? Avx512F.UnpackHigh(a, b)
            : Vector512.Create(
                Blake3Vector8.InterleaveHigh(a.GetLower(), b.GetLower()), Blake3Vector8.InterleaveHigh(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> JoinLow(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported
            ? Avx512F.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32()
            : Vector512.Create(
                Blake3Vector8.JoinLow(a.GetLower(), b.GetLower()), Blake3Vector8.JoinLow(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> JoinHigh(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported
            ? Avx512F.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32()
            : Vector512.Create(
                Blake3Vector8.JoinHigh(a.GetLower(), b.GetLower()), Blake3Vector8.JoinHigh(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Rotate(Vector512<uint> v, [ConstantExpected] byte count) =>
        Avx512F.IsSupported ? Avx512F.RotateRight(v, count) : (v >>> count) | (v << (32 - count));
}
