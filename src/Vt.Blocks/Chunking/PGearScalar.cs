using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vt.Blocks.Chunking;

/// <summary>
/// Finds the candidates of <see cref="PGearRule"/> with a rolling hash: for machines without vectors, and for what is left over
/// from a multiple of a vector.
/// </summary>
/// <remarks>
/// To roll on by a byte takes a multiplication and two additions that wait for each other. The window is only 32 bytes long, so
/// a long stretch is split into four streams that are warmed up each and rolled side by side.
/// </remarks>
static class PGearScalar
{
    const int Stream = 1024;
    const int Streams = 4;

    /// <summary>What a byte adds when it enters the window, and behind these what it adds when it leaves.</summary>
    static readonly uint[] Terms = [.. Table(1), .. Table(-PGearRule.Power(PGearRule.Window))];

    /// <summary>Finds candidates.</summary>
    /// <param name="data">32 bytes of warm-up and then the stretch.</param>
    /// <param name="bound">Gears below this, a power of two, make candidates.</param>
    /// <param name="candidates">Receives a bit for each byte of the stretch: the position behind it is a candidate.</param>
    public static void Find(ReadOnlySpan<byte> data, ushort bound, Span<ulong> candidates)
    {
        var length = data.Length - PGearRule.Window;
        candidates = candidates[..((length + 63) / 64)];
        candidates.Clear();
        var mask = (uint)(ushort)-bound;
        var at = 0;
        for (; length - at >= Streams * Stream; at += Streams * Stream)
            FindInFour(data.Slice(at, (Streams * Stream) + PGearRule.Window), mask, candidates.Slice(at / 64, Streams * Stream / 64));
        var terms = Terms;
        uint gear = 0;
        foreach (var b in data.Slice(at, PGearRule.Window))
            gear = Roll(gear, terms[b], 0);
        for (; at < length; at++)
        {
            gear = Roll(gear, terms[data[at + PGearRule.Window]], terms[256 + data[at]]);
            if ((gear & mask) == 0)
                candidates[at / 64] |= 1UL << at;
        }
    }

    /// <summary>Finds the candidates of four streams. Candidates are rare, so a jump to mark them costs least.</summary>
    static void FindInFour(ReadOnlySpan<byte> data, uint mask, Span<ulong> candidates)
    {
        ref var input = ref MemoryMarshal.GetReference(data);
        ref var terms = ref MemoryMarshal.GetArrayDataReference(Terms);
        ref var bits = ref MemoryMarshal.GetReference(candidates);
        uint gear0 = 0, gear1 = 0, gear2 = 0, gear3 = 0;
        for (nuint i = 0; i < PGearRule.Window; i++)
        {
            ref var entering = ref Unsafe.Add(ref input, i);
            gear0 = Warm(gear0, ref entering, 0, ref terms);
            gear1 = Warm(gear1, ref entering, Stream, ref terms);
            gear2 = Warm(gear2, ref entering, 2 * Stream, ref terms);
            gear3 = Warm(gear3, ref entering, 3 * Stream, ref terms);
        }

        for (nuint i = 0; i < Stream; i++)
        {
            ref var leaving = ref Unsafe.Add(ref input, i);
            gear0 = Next(gear0, ref leaving, 0, ref terms);
            gear1 = Next(gear1, ref leaving, Stream, ref terms);
            gear2 = Next(gear2, ref leaving, 2 * Stream, ref terms);
            gear3 = Next(gear3, ref leaving, 3 * Stream, ref terms);
            if ((gear0 & mask) != 0 && (gear1 & mask) != 0 && (gear2 & mask) != 0 && (gear3 & mask) != 0)
                continue;
            if ((gear0 & mask) == 0)
                Mark(ref bits, i);
            if ((gear1 & mask) == 0)
                Mark(ref bits, i + Stream);
            if ((gear2 & mask) == 0)
                Mark(ref bits, i + (2 * Stream));
            if ((gear3 & mask) == 0)
                Mark(ref bits, i + (3 * Stream));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Warm(uint gear, ref byte entering, int stream, ref uint terms) =>
        Roll(gear, Unsafe.Add(ref terms, (nuint)Unsafe.Add(ref entering, stream)), 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Next(uint gear, ref byte leaving, int stream, ref uint terms) => Roll(
        gear, Unsafe.Add(ref terms, (nuint)Unsafe.Add(ref leaving, stream + PGearRule.Window)),
        Unsafe.Add(ref Unsafe.Add(ref terms, (nuint)Unsafe.Add(ref leaving, stream)), 256));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Roll(uint gear, uint entering, uint leaving) => (gear * PGearRule.Base) + entering + leaving;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Mark(ref ulong bits, nuint at) => Unsafe.Add(ref bits, at / 64) |= 1UL << (int)at;

    static IEnumerable<uint> Table(int factor) =>
        Enumerable.Range(0, 256).Select(b => (uint)((PGearRule.LowNibble[b & 15] ^ PGearRule.HighNibble[b >> 4]) * factor));
}
