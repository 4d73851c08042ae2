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
    public static void StartBlock(
        ref uint lengths, ref uint endFlags, int block, uint flags,
        out Vector128<uint> length, out Vector128<uint> blockFlags, out Vector128<uint> active)
    {
        var left = Vector128.LoadUnsafe(ref lengths).AsInt32() - Vector128.Create(block * Blake3Constants.BlockLength);
        length = Vector128.Min(Vector128.Max(left, Vector128<int>.Zero), Vector128.Create(Blake3Constants.BlockLength)).AsUInt32();
        var ended = Vector128.LessThan(left, Vector128.Create(Blake3Constants.BlockLength + 1)).AsUInt32();
        blockFlags = Vector128.Create(flags) | (ended & Vector128.LoadUnsafe(ref endFlags));
        active = Vector128.GreaterThan(left, Vector128.Create(block == 0 ? -1 : 0)).AsUInt32();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mix(
        ref Vector128<uint> a, ref Vector128<uint> b, [ConstantExpected] int c, ref Vector128<uint> d,
        ref Vector128<uint> room, [ConstantExpected] int x, [ConstantExpected] int y)
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBlock(ref byte input, ref uint offsets, ref Vector128<uint> words)
    {
        ref var lane0 = ref Unsafe.Add(ref input, offsets);
        ref var lane1 = ref Unsafe.Add(ref input, Unsafe.Add(ref offsets, 1));
        ref var lane2 = ref Unsafe.Add(ref input, Unsafe.Add(ref offsets, 2));
        ref var lane3 = ref Unsafe.Add(ref input, Unsafe.Add(ref offsets, 3));
        Quarter(ref lane0, ref lane1, ref lane2, ref lane3, 0, ref words);
        Quarter(ref lane0, ref lane1, ref lane2, ref lane3, 16, ref Unsafe.Add(ref words, 4));
        Quarter(ref lane0, ref lane1, ref lane2, ref lane3, 32, ref Unsafe.Add(ref words, 8));
        Quarter(ref lane0, ref lane1, ref lane2, ref lane3, 48, ref Unsafe.Add(ref words, 12));
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
        ref byte lane0, ref byte lane1, ref byte lane2, ref byte lane3, nuint at, ref Vector128<uint> words)
    {
        var r0 = Vector128.LoadUnsafe(ref lane0, at).AsUInt32();
        var r1 = Vector128.LoadUnsafe(ref lane1, at).AsUInt32();
        var r2 = Vector128.LoadUnsafe(ref lane2, at).AsUInt32();
        var r3 = Vector128.LoadUnsafe(ref lane3, at).AsUInt32();
        Transpose(ref r0, ref r1, ref r2, ref r3);
        words = r0;
        Unsafe.Add(ref words, 1) = r1;
        Unsafe.Add(ref words, 2) = r2;
        Unsafe.Add(ref words, 3) = r3;
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
