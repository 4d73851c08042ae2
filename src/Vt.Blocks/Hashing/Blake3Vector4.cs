using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Vt.Blocks.Hashing;

/// <summary>Four lanes: any machine with 128-bit vectors.</summary>
readonly struct Blake3Vector4 : IBlake3Vector<Vector128<uint>>
{
    /// <inheritdoc/>
    public static int Lanes => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Broadcast(uint value) => Vector128.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Load(ref uint first) => Vector128.LoadUnsafe(ref first);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Xor(Vector128<uint> left, Vector128<uint> right) => left ^ right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Select(Vector128<uint> mask, Vector128<uint> ifSet, Vector128<uint> ifClear) =>
        Vector128.ConditionalSelect(mask, ifSet, ifClear);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mix(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, Vector128<uint> x, Vector128<uint> y)
    {
        a = a + x + b;
        d = Rotate16(d ^ a);
        c += d;
        b = Rotate(b ^ c, 12);
        a = a + y + b;
        d = Rotate8(d ^ a);
        c += d;
        b = Rotate(b ^ c, 7);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBlock(
        ref byte input, ref uint offsets,
        out Vector128<uint> m0, out Vector128<uint> m1, out Vector128<uint> m2, out Vector128<uint> m3,
        out Vector128<uint> m4, out Vector128<uint> m5, out Vector128<uint> m6, out Vector128<uint> m7,
        out Vector128<uint> m8, out Vector128<uint> m9, out Vector128<uint> ma, out Vector128<uint> mb,
        out Vector128<uint> mc, out Vector128<uint> md, out Vector128<uint> me, out Vector128<uint> mf)
    {
        ref var lane0 = ref Unsafe.Add(ref input, offsets);
        ref var lane1 = ref Unsafe.Add(ref input, Unsafe.Add(ref offsets, 1));
        ref var lane2 = ref Unsafe.Add(ref input, Unsafe.Add(ref offsets, 2));
        ref var lane3 = ref Unsafe.Add(ref input, Unsafe.Add(ref offsets, 3));
        Quarter(ref lane0, ref lane1, ref lane2, ref lane3, 0, out m0, out m1, out m2, out m3);
        Quarter(ref lane0, ref lane1, ref lane2, ref lane3, 16, out m4, out m5, out m6, out m7);
        Quarter(ref lane0, ref lane1, ref lane2, ref lane3, 32, out m8, out m9, out ma, out mb);
        Quarter(ref lane0, ref lane1, ref lane2, ref lane3, 48, out mc, out md, out me, out mf);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte output, ref uint targets,
        Vector128<uint> h0, Vector128<uint> h1, Vector128<uint> h2, Vector128<uint> h3,
        Vector128<uint> h4, Vector128<uint> h5, Vector128<uint> h6, Vector128<uint> h7)
    {
        Transpose(ref h0, ref h1, ref h2, ref h3);
        Transpose(ref h4, ref h5, ref h6, ref h7);
        StoreLane(ref Unsafe.Add(ref output, targets), h0, h4);
        StoreLane(ref Unsafe.Add(ref output, Unsafe.Add(ref targets, 1)), h1, h5);
        StoreLane(ref Unsafe.Add(ref output, Unsafe.Add(ref targets, 2)), h2, h6);
        StoreLane(ref Unsafe.Add(ref output, Unsafe.Add(ref targets, 3)), h3, h7);
    }

    /// <summary>a0 b0 a1 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> InterleaveLow(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackLow(a, b);
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.ZipLow(a, b)
            : Vector128.Create(a.GetElement(0), b.GetElement(0), a.GetElement(1), b.GetElement(1));
    }

    /// <summary>a2 b2 a3 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> InterleaveHigh(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackHigh(a, b);
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.ZipHigh(a, b)
            : Vector128.Create(a.GetElement(2), b.GetElement(2), a.GetElement(3), b.GetElement(3));
    }

    /// <summary>a0 a1 b0 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> JoinLow(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32() : Vector128.Create(a.GetLower(), b.GetLower());

    /// <summary>a2 a3 b2 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> JoinHigh(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32() : Vector128.Create(a.GetUpper(), b.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Quarter(
        ref byte lane0, ref byte lane1, ref byte lane2, ref byte lane3, nuint at,
        out Vector128<uint> m0, out Vector128<uint> m1, out Vector128<uint> m2, out Vector128<uint> m3)
    {
        m0 = Vector128.LoadUnsafe(ref lane0, at).AsUInt32();
        m1 = Vector128.LoadUnsafe(ref lane1, at).AsUInt32();
        m2 = Vector128.LoadUnsafe(ref lane2, at).AsUInt32();
        m3 = Vector128.LoadUnsafe(ref lane3, at).AsUInt32();
        Transpose(ref m0, ref m1, ref m2, ref m3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose(ref Vector128<uint> r0, ref Vector128<uint> r1, ref Vector128<uint> r2, ref Vector128<uint> r3)
    {
        var low01 = InterleaveLow(r0, r1);
        var high01 = InterleaveHigh(r0, r1);
        var low23 = InterleaveLow(r2, r3);
        var high23 = InterleaveHigh(r2, r3);
        r0 = JoinLow(low01, low23);
        r1 = JoinHigh(low01, low23);
        r2 = JoinLow(high01, high23);
        r3 = JoinHigh(high01, high23);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreLane(ref byte target, Vector128<uint> low, Vector128<uint> high)
    {
        low.AsByte().StoreUnsafe(ref target);
        high.AsByte().StoreUnsafe(ref target, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<uint> Rotate16(Vector128<uint> v)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.RotateRight(v, 16);
        return Ssse3.IsSupported
            ? Ssse3.Shuffle(v.AsByte(), Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32()
            : (v >>> 16) | (v << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<uint> Rotate8(Vector128<uint> v)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.RotateRight(v, 8);
        return Ssse3.IsSupported
            ? Ssse3.Shuffle(v.AsByte(), Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32()
            : (v >>> 8) | (v << 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<uint> Rotate(Vector128<uint> v, [ConstantExpected] byte count) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(v, count) : (v >>> count) | (v << (32 - count));
}
