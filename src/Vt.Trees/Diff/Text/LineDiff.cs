namespace Vt.Trees.Diff.Text;

/// <summary>
/// Finds which lines of one text are not in another, by Myers' algorithm in linear space ("An O(ND) Difference Algorithm and Its Variations", 1986). Where texts differ so much
/// that the fewest lines would take long to find, more than the fewest are told.
/// </summary>
/// <remarks>Memory: three numbers for each line of both texts.</remarks>
public sealed class LineDiff
{
    // So many steps from both ends are tried before the best way so far is taken.
    const int MostSteps = 400;

    // Diagonals on which every way leads out of the box.
    const int Unreached = -1;
    const int Unreachable = int.MaxValue;

    readonly int[] _before;
    readonly int[] _after;
    readonly bool[] _removed;
    readonly bool[] _added;
    readonly int[] _forward;
    readonly int[] _backward;
    readonly int _zero;

    LineDiff(int[] before, int[] after)
    {
        _before = before;
        _after = after;
        _removed = new bool[before.Length];
        _added = new bool[after.Length];
        _zero = after.Length + 1;
        _forward = new int[before.Length + after.Length + 3];
        _backward = new int[before.Length + after.Length + 3];
    }

    /// <summary>Compares two texts.</summary>
    /// <param name="before">The numbers of the first text's lines.</param>
    /// <param name="after">The numbers of the second text's lines.</param>
    /// <returns>For each line of the first text whether the second lacks it, and for each of the second whether the first lacks it.</returns>
    public static (bool[] Removed, bool[] Added) Compare(int[] before, int[] after)
    {
        // Lines that only one text has are in no way to be found in the other, and make the search long.
        var (kept, keptAfter) = (CommonOf(before, after), CommonOf(after, before));
        var diff = new LineDiff([.. kept.Select(line => before[line])], [.. keptAfter.Select(line => after[line])]);
        diff.Search();
        return (Spread(before.Length, kept, diff._removed), Spread(after.Length, keptAfter, diff._added));
    }

    static int[] CommonOf(int[] lines, int[] others)
    {
        var known = others.ToHashSet();
        return [.. Enumerable.Range(0, lines.Length).Where(line => known.Contains(lines[line]))];
    }

    static bool[] Spread(int count, int[] kept, bool[] found)
    {
        var all = new bool[count];
        all.AsSpan().Fill(true);
        for (var i = 0; i < kept.Length; i++)
            all[kept[i]] = found[i];
        return all;
    }

    void Search()
    {
        var open = new Stack<Box>();
        open.Push(new Box(0, _before.Length, 0, _after.Length));
        while (open.TryPop(out var box))
        {
            box = Trimmed(box);
            if (box.Left == box.Right || box.Top == box.Bottom)
            {
                _removed.AsSpan(box.Left, box.Right - box.Left).Fill(true);
                _added.AsSpan(box.Top, box.Bottom - box.Top).Fill(true);
                continue;
            }

            var (x, y) = Split(box);
            open.Push(box with { Left = x, Top = y });
            open.Push(box with { Right = x, Bottom = y });
        }
    }

    Box Trimmed(Box box)
    {
        var (left, right, top, bottom) = box;
        while (left < right && top < bottom && _before[left] == _after[top])
            (left, top) = (left + 1, top + 1);
        while (left < right && top < bottom && _before[right - 1] == _after[bottom - 1])
            (right, bottom) = (right - 1, bottom - 1);
        return new Box(left, right, top, bottom);
    }

    // A point on a shortest way through a box whose first lines differ, and whose last ones do; never one of its two corners. Diagonals are x - y; forward has the
    // farthest x on each that so many steps reach from the beginning, backward the nearest from the end.
    (int X, int Y) Split(in Box box)
    {
        var (first, last) = (box.Left - box.Top, box.Right - box.Bottom);
        var isOdd = ((first - last) & 1) != 0;
        _forward[_zero + first] = box.Left;
        _backward[_zero + last] = box.Right;
        for (var steps = 1; ; steps++)
        {
            var (from, to) = Diagonals(box, first, steps);
            for (var k = from; k <= to; k += 2)
            {
                var x = GoForward(box, k, steps);
                if (isOdd && x != Unreached && Math.Abs(k - last) < steps && x >= _backward[_zero + k])
                    return (x, x - k);
            }

            (from, to) = Diagonals(box, last, steps);
            for (var k = from; k <= to; k += 2)
            {
                var x = GoBackward(box, k, steps);
                if (!isOdd && x != Unreachable && Math.Abs(k - first) <= steps && x <= _forward[_zero + k])
                    return (x, x - k);
            }

            if (steps >= MostSteps)
                return Farthest(box, steps);
        }
    }

    int GoForward(in Box box, int k, int steps)
    {
        var (lowest, highest) = Diagonals(box, box.Left - box.Top, steps - 1);
        var x = Unreached;
        if (k - 1 >= lowest && k - 1 <= highest && _forward[_zero + k - 1] is not Unreached and var fromLeft && fromLeft < box.Right)
            x = fromLeft + 1;
        if (k + 1 >= lowest && k + 1 <= highest && _forward[_zero + k + 1] is not Unreached and var fromAbove && fromAbove - k <= box.Bottom)
            x = Math.Max(x, fromAbove);
        while (x != Unreached && x < box.Right && x - k < box.Bottom && _before[x] == _after[x - k])
            x++;
        return _forward[_zero + k] = x;
    }

    int GoBackward(in Box box, int k, int steps)
    {
        var (lowest, highest) = Diagonals(box, box.Right - box.Bottom, steps - 1);
        var x = Unreachable;
        if (k + 1 >= lowest && k + 1 <= highest && _backward[_zero + k + 1] is not Unreachable and var fromRight && fromRight > box.Left)
            x = fromRight - 1;
        if (k - 1 >= lowest && k - 1 <= highest && _backward[_zero + k - 1] is not Unreachable and var fromBelow && fromBelow - k >= box.Top)
            x = Math.Min(x, fromBelow);
        while (x != Unreachable && x > box.Left && x - k > box.Top && _before[x - 1] == _after[x - k - 1])
            x--;
        return _backward[_zero + k] = x;
    }

    // The diagonals that so many steps reach, within the box: every second one.
    static (int From, int To) Diagonals(in Box box, int middle, int steps)
    {
        var (from, to) = (middle - steps, middle + steps);
        var (lowest, highest) = (box.Left - box.Bottom, box.Right - box.Top);
        return (from < lowest ? from + ((lowest - from + 1) & ~1) : from, to > highest ? to - ((to - highest + 1) & ~1) : to);
    }

    // Where the way from the beginning has come farthest; all of one text and then all of the other, should it have come nowhere.
    (int X, int Y) Farthest(in Box box, int steps)
    {
        var (x, y) = (box.Right, box.Top);
        var best = box.Left + box.Top;
        var (from, to) = Diagonals(box, box.Left - box.Top, steps);
        for (var k = from; k <= to; k += 2)
        {
            var at = _forward[_zero + k];
            if (at == Unreached || at + at - k <= best || (at == box.Right && at - k == box.Bottom))
                continue;
            best = at + at - k;
            (x, y) = (at, at - k);
        }

        return (x, y);
    }

    readonly record struct Box(int Left, int Right, int Top, int Bottom);
}
