using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vt.Blocks.Hashing;

/// <summary>Eight lanes: AVX2, with the rotation instructions of AVX-512VL where there are any.</summary>
readonly struct Blake3Vector8 : IBlake3Vector<Vector256<uint>>
{
    /// <inheritdoc/>
    public static int Lanes => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Broadcast(uint value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Load(ref uint first) => Vector256.LoadUnsafe(ref first);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Xor(Vector256<uint> left, Vector256<uint> right) => left ^ right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Select(Vector256<uint> mask, Vector256<uint> ifSet, Vector256<uint> ifClear) =>
        Vector256.ConditionalSelect(mask, ifSet, ifClear);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StartBlock(
        ref uint lengths, ref uint endFlags, int block, uint flags,
        out Vector256<uint> length, out Vector256<uint> blockFlags, out Vector256<uint> active)
    {
        var left = Vector256.LoadUnsafe(ref lengths).AsInt32() - Vector256.Create(block * Blake3Constants.BlockLength);
        length = Vector256.Min(Vector256.Max(left, Vector256<int>.Zero), Vector256.Create(Blake3Constants.BlockLength)).AsUInt32();
        var ended = Vector256.LessThan(left, Vector256.Create(Blake3Constants.BlockLength + 1)).AsUInt32();
        blockFlags = Vector256.Create(flags) | (ended & Vector256.LoadUnsafe(ref endFlags));
        active = Vector256.GreaterThan(left, Vector256.Create(block == 0 ? -1 : 0)).AsUInt32();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mix(
        ref Vector256<uint> a, ref Vector256<uint> b, [ConstantExpected] int c, ref Vector256<uint> d,
        ref Vector256<uint> room, [ConstantExpected] int x, [ConstantExpected] int y)
    {
        a = a + Unsafe.Add(ref room, x) + b;
        d = Rotate16(d ^ a);
        var sum = Unsafe.Add(ref room, c) + d;
        b = Rotate(b ^ sum, 12);
        a = a + Unsafe.Add(ref room, y) + b;
        d = Rotate8(d ^ a);
        sum += d;
        Unsafe.Add(ref room, c) = sum;
        b = Rotate(b ^ sum, 7);
    }

    /// <inheritdoc/>
    /// <remarks>Lanes 0 to 3 go into lower halves and 4 to 7 into upper ones on loading, so that only halves are turned.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBlock(ref byte input, ref uint offsets, ref Vector256<uint> words)
    {
        Quarter(ref input, ref offsets, 0, ref words);
        Quarter(ref input, ref offsets, 16, ref Unsafe.Add(ref words, 4));
        Quarter(ref input, ref offsets, 32, ref Unsafe.Add(ref words, 8));
        Quarter(ref input, ref offsets, 48, ref Unsafe.Add(ref words, 12));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte output, ref uint targets,
        Vector256<uint> h0, Vector256<uint> h1, Vector256<uint> h2, Vector256<uint> h3,
        Vector256<uint> h4, Vector256<uint> h5, Vector256<uint> h6, Vector256<uint> h7)
    {
        Transpose(ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7);
        h0.AsByte().StoreUnsafe(ref output, targets);
        h1.AsByte().StoreUnsafe(ref output, Unsafe.Add(ref targets, 1));
        h2.AsByte().StoreUnsafe(ref output, Unsafe.Add(ref targets, 2));
        h3.AsByte().StoreUnsafe(ref output, Unsafe.Add(ref targets, 3));
        h4.AsByte().StoreUnsafe(ref output, Unsafe.Add(ref targets, 4));
        h5.AsByte().StoreUnsafe(ref output, Unsafe.Add(ref targets, 5));
        h6.AsByte().StoreUnsafe(ref output, Unsafe.Add(ref targets, 6));
        h7.AsByte().StoreUnsafe(ref output, Unsafe.Add(ref targets, 7));
    }

    /// <summary>Of each 128 bits a0 b0 a1 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> InterleaveLow(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported
            ? Avx2.UnpackLow(a, b)
            : Vector256.Create(
                Blake3Vector4.InterleaveLow(a.GetLower(), b.GetLower()), Blake3Vector4.InterleaveLow(a.GetUpper(), b.GetUpper()));

    /// <summary>Of each 128 bits a2 b2 a3 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> InterleaveHigh(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported
            ? Avx2.UnpackHigh(a, b)
            : Vector256.Create(
                Blake3Vector4.InterleaveHigh(a.GetLower(), b.GetLower()), Blake3Vector4.InterleaveHigh(a.GetUpper(), b.GetUpper()));

    /// <summary>Of each 128 bits a0 a1 b0 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> JoinLow(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported
            ? Avx2.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32()
            : Vector256.Create(
                Blake3Vector4.JoinLow(a.GetLower(), b.GetLower()), Blake3Vector4.JoinLow(a.GetUpper(), b.GetUpper()));

    /// <summary>Of each 128 bits a2 a3 b2 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> JoinHigh(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported
            ? Avx2.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32()
            : Vector256.Create(
                Blake3Vector4.JoinHigh(a.GetLower(), b.GetLower()), Blake3Vector4.JoinHigh(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Quarter(ref byte input, ref uint offsets, nuint at, ref Vector256<uint> words)
    {
        var r0 = Pair(ref input, ref offsets, at);
        var r1 = Pair(ref input, ref Unsafe.Add(ref offsets, 1), at);
        var r2 = Pair(ref input, ref Unsafe.Add(ref offsets, 2), at);
        var r3 = Pair(ref input, ref Unsafe.Add(ref offsets, 3), at);
        var low01 = InterleaveLow(r0, r1);
        var high01 = InterleaveHigh(r0, r1);
        var low23 = InterleaveLow(r2, r3);
        var high23 = InterleaveHigh(r2, r3);
        words = JoinLow(low01, low23);
        Unsafe.Add(ref words, 1) = JoinHigh(low01, low23);
        Unsafe.Add(ref words, 2) = JoinLow(high01, high23);
        Unsafe.Add(ref words, 3) = JoinHigh(high01, high23);
    }

    /// <summary>Four words of a lane and of the one four further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<uint> Pair(ref byte input, ref uint offset, nuint at) =>
        Vector256.Create(
            Vector128.LoadUnsafe(ref input, offset + at), Vector128.LoadUnsafe(ref input, Unsafe.Add(ref offset, 4) + at)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose(
        ref Vector256<uint> r0, ref Vector256<uint> r1, ref Vector256<uint> r2, ref Vector256<uint> r3,
        ref Vector256<uint> r4, ref Vector256<uint> r5, ref Vector256<uint> r6, ref Vector256<uint> r7)
    {
        var low01 = InterleaveLow(r0, r1);
        var high01 = InterleaveHigh(r0, r1);
        var low23 = InterleaveLow(r2, r3);
        var high23 = InterleaveHigh(r2, r3);
        var low45 = InterleaveLow(r4, r5);
        var high45 = InterleaveHigh(r4, r5);
        var low67 = InterleaveLow(r6, r7);
        var high67 = InterleaveHigh(r6, r7);
        var first04 = JoinLow(low01, low23);
        var first15 = JoinHigh(low01, low23);
        var first26 = JoinLow(high01, high23);
        var first37 = JoinHigh(high01, high23);
        var second04 = JoinLow(low45, low67);
        var second15 = JoinHigh(low45, low67);
        var second26 = JoinLow(high45, high67);
        var second37 = JoinHigh(high45, high67);
        r0 = Lower(first04, second04);
        r1 = Lower(first15, second15);
        r2 = Lower(first26, second26);
        r3 = Lower(first37, second37);
        r4 = Upper(first04, second04);
        r5 = Upper(first15, second15);
        r6 = Upper(first26, second26);
        r7 = Upper(first37, second37);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<uint> Lower(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported ? Avx2.Permute2x128(a, b, 0x20) : Vector256.Create(a.GetLower(), b.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<uint> Upper(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported ? Avx2.Permute2x128(a, b, 0x31) : Vector256.Create(a.GetUpper(), b.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<uint> Rotate16(Vector256<uint> v)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.RotateRight(v, 16);
        return Avx2.IsSupported
            ? Avx2.Shuffle(
                v.AsByte(),
                Vector256.Create(
                    (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
                    2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32()
            : (v >>> 16) | (v << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<uint> Rotate8(Vector256<uint> v)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.RotateRight(v, 8);
        return Avx2.IsSupported
            ? Avx2.Shuffle(
                v.AsByte(),
                Vector256.Create(
                    (byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12,
                    1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32()
            : (v >>> 8) | (v << 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<uint> Rotate(Vector256<uint> v, [ConstantExpected] byte count) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(v, count) : (v >>> count) | (v << (32 - count));
}
