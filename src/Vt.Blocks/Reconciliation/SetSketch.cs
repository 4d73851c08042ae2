using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Blocks.Reconciliation;

/// <summary>
/// A set of numbers in a few bytes, from which, with that of another set, those numbers can be told that only one of the two has: its size depends on how many these
/// are, and not on how many both have. Used by one thread at a time.
/// </summary>
/// <remarks>
/// An invertible Bloom lookup table (Goodrich and Mitzenmacher 2011; Eppstein, Goodrich, Uyeda and Varghese 2011, "What's the difference?"). Each number is in three cells,
/// one of each third. A cell has how many numbers are in it, and the exclusive or of them and of their checks. One sketch less another has what differs, and a
/// cell with one number left gives it; taking it out of its other cells leads to more such cells. With 1.4 cells for each difference, and some more, that
/// nearly always comes to the end.
/// </remarks>
public sealed class SetSketch
{
    /// <summary>The most cells of a sketch: 14 bytes each on the line, and 16 in memory.</summary>
    public const int MostCells = 30_000;

    const int Thirds = 3;

    readonly int[] _counts;
    readonly ulong[] _sums;
    readonly uint[] _checks;

    /// <summary>Makes a sketch of no numbers.</summary>
    /// <param name="cells">How many cells, a multiple of three; 0 for one that only tells whether two sets are the same.</param>
    /// <exception cref="FormatInvalidException">There can't be so many.</exception>
    public SetSketch(int cells)
    {
        if (cells is < 0 or > MostCells || cells % Thirds != 0)
            throw new FormatInvalidException($"a sketch can't have {cells} cells");
        (_counts, _sums, _checks) = (new int[cells], new ulong[cells], new uint[cells]);
    }

    /// <summary>How many numbers are in it.</summary>
    public long Count { get; private set; }

    /// <summary>The exclusive or of all numbers.</summary>
    public ulong Sum { get; private set; }

    /// <summary>How many cells it has.</summary>
    public int Cells => _counts.Length;

    /// <summary>How many cells are likely to do for so many differences.</summary>
    public static int CellsFor(long differences) => (int)Math.Min(MostCells, ((Math.Min(differences, MostCells) * 7 / 5) + 32) / Thirds * Thirds);

    /// <summary>Puts a number in.</summary>
    public void Add(ulong number, FingerprintKey key)
    {
        Count++;
        Sum ^= number;
        if (Cells > 0)
            Put(number, 1, key);
    }

    /// <summary>Whether another sketch is, nearly certainly, of the same numbers.</summary>
    public bool IsSameAs(SetSketch other) => Count == other.Count && Sum == other.Sum;

    /// <summary>Takes another sketch off, and finds what differs. This sketch is of no use any more then.</summary>
    /// <param name="other">The other one, with as many cells, by the same key; not changed.</param>
    /// <param name="key">The key of both.</param>
    /// <param name="onlyThis">Gets the numbers that only this one has.</param>
    /// <param name="onlyOther">Gets those that only the other has.</param>
    /// <returns>Whether all were found; if not, none counts, and more cells are needed.</returns>
    public bool TryTell(SetSketch other, FingerprintKey key, List<ulong> onlyThis, List<ulong> onlyOther)
    {
        if (Cells != other.Cells)
            throw new ArgumentException($"a sketch of {other.Cells} cells can't be taken off one of {Cells}", nameof(other));
        for (var i = 0; i < Cells; i++)
        {
            _counts[i] -= other._counts[i];
            _sums[i] ^= other._sums[i];
            _checks[i] ^= other._checks[i];
        }

        var waiting = new Stack<int>(Enumerable.Range(0, Cells));
        while (waiting.TryPop(out var cell))
        {
            if (_counts[cell] is not (1 or -1) || key.CheckOf(_sums[cell]) != _checks[cell])
                continue;

            // No sketch has more differences than cells: one that never ends was made up.
            if (onlyThis.Count + onlyOther.Count >= Cells)
                return false;
            var (number, sign) = (_sums[cell], _counts[cell]);
            (sign > 0 ? onlyThis : onlyOther).Add(number);
            Put(number, -sign, key);
            for (var third = 0; third < Thirds; third++)
                waiting.Push(CellOf(number, third, key));
        }

        return IsEmpty && onlyThis.Count - onlyOther.Count == Count - other.Count && Xor(onlyThis) == (Xor(onlyOther) ^ Sum ^ other.Sum);
    }

    /// <summary>Writes it.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Count);
        writer.WriteUInt64(Sum);
        writer.WriteVarint((ulong)Cells);
        for (var i = 0; i < Cells; i++)
        {
            writer.WriteSignedVarint(_counts[i]);
            writer.WriteUInt64(_sums[i]);
            writer.WriteUInt32(_checks[i]);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static SetSketch Read(ref ByteReader reader)
    {
        var (count, sum) = (reader.ReadVarintLong(), reader.ReadUInt64());
        var cells = reader.ReadLength(Math.Min(MostCells, reader.Remaining));
        var sketch = new SetSketch(cells) { Count = count, Sum = sum };
        for (var i = 0; i < cells; i++)
        {
            var number = reader.ReadSignedVarint();
            sketch._counts[i] = number is >= int.MinValue and <= int.MaxValue ? (int)number : throw new FormatInvalidException($"a cell has {number} numbers", reader.Position);
            sketch._sums[i] = reader.ReadUInt64();
            sketch._checks[i] = reader.ReadUInt32();
        }

        return sketch;
    }

    bool IsEmpty => !_counts.AsSpan().ContainsAnyExcept(0) && !_sums.AsSpan().ContainsAnyExcept(0UL) && !_checks.AsSpan().ContainsAnyExcept(0u);

    void Put(ulong number, int sign, FingerprintKey key)
    {
        var check = key.CheckOf(number);
        for (var third = 0; third < Thirds; third++)
        {
            var cell = CellOf(number, third, key);
            unchecked
            {
                _counts[cell] += sign;
            }

            _sums[cell] ^= number;
            _checks[cell] ^= check;
        }
    }

    int CellOf(ulong number, int third, FingerprintKey key)
    {
        var mixed = Mix64.Finish(number + (key.Cells * (ulong)((2 * third) + 1)));
        var size = (uint)(Cells / Thirds);
        return (int)((third * size) + (uint)Math.BigMul(mixed, size, out _));
    }

    static ulong Xor(List<ulong> numbers)
    {
        var sum = 0UL;
        foreach (var number in numbers)
            sum ^= number;
        return sum;
    }
}
