using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Vt.Blocks.Chunking;

/// <summary>
/// Finds the candidates of <see cref="PGearRule"/> at all positions of a stretch at once. The stretch is split into as many
/// streams as the vector has parts of 128 bits; one text serves all widths.
/// </summary>
static class PGearKernel
{
    /// <summary>Each stream advances by this many bytes at a time.</summary>
    public const int StepBytes = 16;

    /// <summary>Finds candidates.</summary>
    /// <param name="data">
    /// 32 bytes of warm-up and then the stretch: a multiple of 64 bytes, so that every kernel can divide it.
    /// </param>
    /// <param name="bound">Gears below this make candidates.</param>
    /// <param name="candidates">Receives a bit for each byte of the stretch: the position behind it is a candidate.</param>
    /// <typeparam name="T">The vector.</typeparam>
    /// <typeparam name="TVector">Its operations.</typeparam>
    public static void Find<T, TVector>(ReadOnlySpan<byte> data, ushort bound, Span<ulong> candidates)
        where T : struct
        where TVector : IPGearVector<T>
    {
        var length = data.Length - PGearRule.Window;
        var stride = (nuint)(length / TVector.Streams);
        ref var input = ref MemoryMarshal.GetReference(data);
        ref var bits = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<ulong, ushort>(candidates[..(length / 64)]));
        var lowTable0 = TVector.Table(TableOf(PGearRule.LowNibble, 0));
        var lowTable1 = TVector.Table(TableOf(PGearRule.LowNibble, 8));
        var highTable0 = TVector.Table(TableOf(PGearRule.HighNibble, 0));
        var highTable1 = TVector.Table(TableOf(PGearRule.HighNibble, 8));
        var power1 = TVector.Repeat(PGearRule.Base);
        var power2 = TVector.Repeat(PGearRule.Power(2));
        var power4 = TVector.Repeat(PGearRule.Power(4));
        var power8 = TVector.Repeat(PGearRule.Power(8));
        var power16 = TVector.Repeat(PGearRule.Power(16));
        var last = TVector.Repeat((ushort)(bound - 1));
        T earlier1 = default, earlier2 = default, earlier4 = default, earlier8 = default, earlier16 = default, later16 = default;
        for (nuint at = 0; at < stride + PGearRule.Window; at += StepBytes)
        {
            var bytes = TVector.Load(ref Unsafe.Add(ref input, at), stride);
            var low = TVector.LowNibbles(bytes);
            var high = TVector.HighNibbles(bytes);
            var byte0 = TVector.Xor(TVector.Lookup(lowTable0, low), TVector.Lookup(highTable0, high));
            var byte1 = TVector.Xor(TVector.Lookup(lowTable1, low), TVector.Lookup(highTable1, high));
            var a = TVector.JoinLow(byte0, byte1);
            var b = TVector.JoinHigh(byte0, byte1);

            var a2 = TVector.Step(a, TVector.Back1(earlier1, a), power1);
            var b2 = TVector.Step(b, TVector.Back1(a, b), power1);
            earlier1 = b;
            var a4 = TVector.Step(a2, TVector.Back2(earlier2, a2), power2);
            var b4 = TVector.Step(b2, TVector.Back2(a2, b2), power2);
            earlier2 = b2;
            var a8 = TVector.Step(a4, TVector.Back4(earlier4, a4), power4);
            var b8 = TVector.Step(b4, TVector.Back4(a4, b4), power4);
            earlier4 = b4;
            var a16 = TVector.Step(a8, earlier8, power8);
            var b16 = TVector.Step(b8, a8, power8);
            earlier8 = b8;
            var a32 = TVector.Step(a16, earlier16, power16);
            var b32 = TVector.Step(b16, later16, power16);
            earlier16 = a16;
            later16 = b16;

            if (at >= PGearRule.Window)
            {
                TVector.StoreCandidates(
                    a32, b32, last, ref Unsafe.Add(ref bits, (at - PGearRule.Window) / StepBytes), stride / StepBytes);
            }
        }
    }

    /// <summary>Bits <paramref name="shift"/> to <paramref name="shift"/> + 7 of sixteen entries.</summary>
    static Vector128<byte> TableOf(ReadOnlySpan<ushort> table, int shift) =>
        Vector128.Narrow((Vector128.Create(table[..8]) >> shift) & Vector128.Create((ushort)0xff), (Vector128.Create(table[8..]) >> shift) & Vector128.Create((ushort)0xff));
}
