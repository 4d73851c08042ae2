using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vt.Blocks.Chunking;

/// <summary>Two streams: AVX2.</summary>
readonly struct PGearVector256 : IPGearVector<Vector256<byte>>
{
    /// <inheritdoc/>
    public static int Streams => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(ref byte first, nuint stride) =>
        Vector256.Create(Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref first, stride));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Table(Vector128<byte> table) => Vector256.Create(table, table);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Repeat(ushort value) => Vector256.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LowNibbles(Vector256<byte> bytes) => bytes & Vector256.Create((byte)15);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> HighNibbles(Vector256<byte> bytes) =>
        (bytes.AsUInt16() >>> 4).AsByte() & Vector256.Create((byte)15);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Xor(Vector256<byte> left, Vector256<byte> right) => left ^ right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Step(Vector256<byte> numbers, Vector256<byte> earlier, Vector256<byte> factor) =>
        (numbers.AsUInt16() + (earlier.AsUInt16() * factor.AsUInt16())).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Lookup(Vector256<byte> table, Vector256<byte> indices) =>
        Avx2.IsSupported
            ? Avx2.Shuffle(table, indices)
            : Vector256.Create(PGearVector128.Lookup(table.GetLower(), indices.GetLower()), PGearVector128.Lookup(table.GetUpper(), indices.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> JoinLow(Vector256<byte> low, Vector256<byte> high) =>
        Avx2.IsSupported
            ? Avx2.UnpackLow(low, high)
            : Vector256.Create(PGearVector128.JoinLow(low.GetLower(), high.GetLower()), PGearVector128.JoinLow(low.GetUpper(), high.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> JoinHigh(Vector256<byte> low, Vector256<byte> high) =>
        Avx2.IsSupported
            ? Avx2.UnpackHigh(low, high)
            : Vector256.Create(PGearVector128.JoinHigh(low.GetLower(), high.GetLower()), PGearVector128.JoinHigh(low.GetUpper(), high.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Back1(Vector256<byte> previous, Vector256<byte> current) =>
        Avx2.IsSupported
            ? Avx2.AlignRight(current, previous, 14)
            : Vector256.Create(PGearVector128.Back1(previous.GetLower(), current.GetLower()), PGearVector128.Back1(previous.GetUpper(), current.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Back2(Vector256<byte> previous, Vector256<byte> current) =>
        Avx2.IsSupported
            ? Avx2.AlignRight(current, previous, 12)
            : Vector256.Create(PGearVector128.Back2(previous.GetLower(), current.GetLower()), PGearVector128.Back2(previous.GetUpper(), current.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Back4(Vector256<byte> previous, Vector256<byte> current) =>
        Avx2.IsSupported
            ? Avx2.AlignRight(current, previous, 8)
            : Vector256.Create(PGearVector128.Back4(previous.GetLower(), current.GetLower()), PGearVector128.Back4(previous.GetUpper(), current.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreCandidates(Vector256<byte> first, Vector256<byte> second, Vector256<byte> last, ref ushort bits, nuint stride)
    {
        var low = Vector256.Equals(Vector256.Min(first.AsUInt16(), last.AsUInt16()), first.AsUInt16());
        var high = Vector256.Equals(Vector256.Min(second.AsUInt16(), last.AsUInt16()), second.AsUInt16());
        if (Avx2.IsSupported)
        {
            var mask = Avx2.PackSignedSaturate(low.AsInt16(), high.AsInt16()).ExtractMostSignificantBits();
            bits = (ushort)mask;
            Unsafe.Add(ref bits, stride) = (ushort)(mask >> 16);
        }
        else
        {
            PGearVector128.StoreCandidates(first.GetLower(), second.GetLower(), last.GetLower(), ref bits, stride);
            PGearVector128.StoreCandidates(
                first.GetUpper(), second.GetUpper(), last.GetUpper(), ref Unsafe.Add(ref bits, stride), stride);
        }
    }
}
