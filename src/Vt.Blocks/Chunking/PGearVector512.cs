using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vt.Blocks.Chunking;

/// <summary>Four streams: AVX-512BW, with a form of every operation without it, so that it is tested anywhere.</summary>
readonly struct PGearVector512 : IPGearVector<Vector512<byte>>
{
    /// <inheritdoc/>
    public static int Streams => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(ref byte first, nuint stride) =>
        Vector512.Create(PGearVector256.Load(ref first, stride), PGearVector256.Load(ref Unsafe.Add(ref first, 2 * stride), stride));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Table(Vector128<byte> table) =>
        Vector512.Create(Vector256.Create(table, table), Vector256.Create(table, table));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Repeat(ushort value) => Vector512.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LowNibbles(Vector512<byte> bytes) => bytes & Vector512.Create((byte)15);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> HighNibbles(Vector512<byte> bytes) =>
        (bytes.AsUInt16() >>> 4).AsByte() & Vector512.Create((byte)15);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Xor(Vector512<byte> left, Vector512<byte> right) => left ^ right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Step(Vector512<byte> numbers, Vector512<byte> earlier, Vector512<byte> factor) =>
        (numbers.AsUInt16() + (earlier.AsUInt16() * factor.AsUInt16())).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Lookup(Vector512<byte> table, Vector512<byte> indices) =>
        Avx512BW.IsSupported
            ? Avx512BW.Shuffle(table, indices)
            : Vector512.Create(PGearVector256.Lookup(table.GetLower(), indices.GetLower()), PGearVector256.Lookup(table.GetUpper(), indices.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> JoinLow(Vector512<byte> low, Vector512<byte> high) =>
        Avx512BW.IsSupported
            ? Avx512BW.UnpackLow(low, high)
            : Vector512.Create(PGearVector256.JoinLow(low.GetLower(), high.GetLower()), PGearVector256.JoinLow(low.GetUpper(), high.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> JoinHigh(Vector512<byte> low, Vector512<byte> high) =>
        Avx512BW.IsSupported
            ? Avx512BW.UnpackHigh(low, high)
            : Vector512.Create(PGearVector256.JoinHigh(low.GetLower(), high.GetLower()), PGearVector256.JoinHigh(low.GetUpper(), high.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Back1(Vector512<byte> previous, Vector512<byte> current) =>
        Avx512BW.IsSupported
            ? Avx512BW.AlignRight(current, previous, 14)
            : Vector512.Create(PGearVector256.Back1(previous.GetLower(), current.GetLower()), PGearVector256.Back1(previous.GetUpper(), current.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Back2(Vector512<byte> previous, Vector512<byte> current) =>
        Avx512BW.IsSupported
            ? Avx512BW.AlignRight(current, previous, 12)
            : Vector512.Create(PGearVector256.Back2(previous.GetLower(), current.GetLower()), PGearVector256.Back2(previous.GetUpper(), current.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Back4(Vector512<byte> previous, Vector512<byte> current) =>
        Avx512BW.IsSupported
            ? Avx512BW.AlignRight(current, previous, 8)
            : Vector512.Create(PGearVector256.Back4(previous.GetLower(), current.GetLower()), PGearVector256.Back4(previous.GetUpper(), current.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreCandidates(Vector512<byte> first, Vector512<byte> second, Vector512<byte> last, ref ushort bits, nuint stride)
    {
        var low = Vector512.Equals(Vector512.Min(first.AsUInt16(), last.AsUInt16()), first.AsUInt16());
        var high = Vector512.Equals(Vector512.Min(second.AsUInt16(), last.AsUInt16()), second.AsUInt16());
        if (Avx512BW.IsSupported)
        {
            var mask = Avx512BW.PackSignedSaturate(low.AsInt16(), high.AsInt16()).ExtractMostSignificantBits();
            bits = (ushort)mask;
            Unsafe.Add(ref bits, stride) = (ushort)(mask >> 16);
            Unsafe.Add(ref bits, 2 * stride) = (ushort)(mask >> 32);
            Unsafe.Add(ref bits, 3 * stride) = (ushort)(mask >> 48);
        }
        else
        {
            PGearVector256.StoreCandidates(first.GetLower(), second.GetLower(), last.GetLower(), ref bits, stride);
            PGearVector256.StoreCandidates(
                first.GetUpper(), second.GetUpper(), last.GetUpper(), ref Unsafe.Add(ref bits, 2 * stride), stride);
        }
    }
}
