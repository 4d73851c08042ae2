using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Vt.Blocks.Chunking;

/// <summary>One stream: any machine with 128-bit vectors.</summary>
readonly struct PGearVector128 : IPGearVector<Vector128<byte>>
{
    /// <inheritdoc/>
    public static int Streams => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first, nuint stride) => Vector128.LoadUnsafe(ref first);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Table(Vector128<byte> table) => table;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Repeat(ushort value) => Vector128.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowNibbles(Vector128<byte> bytes) => bytes & Vector128.Create((byte)15);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HighNibbles(Vector128<byte> bytes) =>
        (bytes.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Xor(Vector128<byte> left, Vector128<byte> right) => left ^ right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Step(Vector128<byte> numbers, Vector128<byte> earlier, Vector128<byte> factor) =>
        (numbers.AsUInt16() + (earlier.AsUInt16() * factor.AsUInt16())).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> indices)
    {
        if (Ssse3.IsSupported)
            return Ssse3.Shuffle(table, indices);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(table, indices) : Vector128.Shuffle(table, indices);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> JoinLow(Vector128<byte> low, Vector128<byte> high)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackLow(low, high);
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.ZipLow(low, high)
            : (Vector128.WidenLower(low) | (Vector128.WidenLower(high) << 8)).AsByte();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> JoinHigh(Vector128<byte> low, Vector128<byte> high)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackHigh(low, high);
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.ZipHigh(low, high)
            : (Vector128.WidenUpper(low) | (Vector128.WidenUpper(high) << 8)).AsByte();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Back1(Vector128<byte> previous, Vector128<byte> current)
    {
        if (Ssse3.IsSupported)
            return Ssse3.AlignRight(current, previous, 14);
        return AdvSimd.IsSupported ? AdvSimd.ExtractVector128(previous, current, 14) : Back(previous, current, 1);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Back2(Vector128<byte> previous, Vector128<byte> current)
    {
        if (Ssse3.IsSupported)
            return Ssse3.AlignRight(current, previous, 12);
        return AdvSimd.IsSupported ? AdvSimd.ExtractVector128(previous, current, 12) : Back(previous, current, 2);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Back4(Vector128<byte> previous, Vector128<byte> current)
    {
        if (Ssse3.IsSupported)
            return Ssse3.AlignRight(current, previous, 8);
        return AdvSimd.IsSupported ? AdvSimd.ExtractVector128(previous, current, 8) : Back(previous, current, 4);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreCandidates(Vector128<byte> first, Vector128<byte> second, Vector128<byte> last, ref ushort bits, nuint stride)
    {
        var low = Vector128.Equals(Vector128.Min(first.AsUInt16(), last.AsUInt16()), first.AsUInt16());
        var high = Vector128.Equals(Vector128.Min(second.AsUInt16(), last.AsUInt16()), second.AsUInt16());
        bits = (ushort)Vector128.Narrow(low, high).ExtractMostSignificantBits();
    }

    static Vector128<byte> Back(Vector128<byte> previous, Vector128<byte> current, int count)
    {
        var numbers = Vector128<ushort>.Zero;
        for (var i = 0; i < 8; i++)
        {
            var from = i < count ? previous.AsUInt16().GetElement(i - count + 8) : current.AsUInt16().GetElement(i - count);
            numbers = numbers.WithElement(i, from);
        }

        return numbers.AsByte();
    }
}
