using System.Buffers;
using System.Globalization;

namespace Vt.Trees.Diff.Text;

/// <summary>How two texts differ, by lines: what a unified diff says and what statistics count. Immutable.</summary>
public sealed class TextDiff
{
    readonly LineTable _before;
    readonly LineTable _after;
    readonly bool[] _removed;
    readonly bool[] _added;

    /// <summary>Compares two texts, which must stay as they are.</summary>
    public TextDiff(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        (_before, _after) = LineTable.Of(before, after);
        (_removed, _added) = LineDiff.Compare(_before.Numbers, _after.Numbers);
        LinesRemoved = _removed.Count(static isGone => isGone);
        LinesAdded = _added.Count(static isNew => isNew);
        BytesRemoved = BytesOf(_before, _removed);
        BytesAdded = BytesOf(_after, _added);
    }

    /// <summary>How many lines only the first text has.</summary>
    public int LinesRemoved { get; }

    /// <summary>How many lines only the second text has.</summary>
    public int LinesAdded { get; }

    /// <summary>How many bytes those lines have.</summary>
    public long BytesRemoved { get; }

    /// <summary>How many bytes those lines have.</summary>
    public long BytesAdded { get; }

    /// <summary>Writes the hunks of a unified diff, as diff(1) and patch(1) know them; nothing for equal texts.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="context">How many equal lines stand around changes.</param>
    public void Write(IBufferWriter<byte> output, int context)
    {
        foreach (var hunk in FindHunks(context))
            Write(output, hunk);
    }

    // Changes with at most twice the context between them are one hunk.
    IEnumerable<Hunk> FindHunks(int context)
    {
        Hunk? open = null;
        foreach (var change in FindChanges())
        {
            if (open is { } last && change.BeforeStart - last.BeforeEnd <= 2L * context)
            {
                open = last with { BeforeEnd = change.BeforeEnd, AfterEnd = change.AfterEnd };
                continue;
            }

            if (open is { } done)
                yield return Widened(done, context);
            open = change;
        }

        if (open is { } end)
            yield return Widened(end, context);
    }

    Hunk Widened(Hunk hunk, int context)
    {
        var (above, below) = (Math.Min(context, hunk.BeforeStart), Math.Min(context, _before.Count - hunk.BeforeEnd));
        return new Hunk(hunk.BeforeStart - above, hunk.BeforeEnd + below, hunk.AfterStart - above, hunk.AfterEnd + below);
    }

    IEnumerable<Hunk> FindChanges()
    {
        for (var (x, y) = (0, 0); x < _before.Count || y < _after.Count; (x, y) = (x + 1, y + 1))
        {
            var (fromX, fromY) = (x, y);
            while (x < _before.Count && _removed[x])
                x++;
            while (y < _after.Count && _added[y])
                y++;
            if (x > fromX || y > fromY)
                yield return new Hunk(fromX, x, fromY, y);
        }
    }

    void Write(IBufferWriter<byte> output, Hunk hunk)
    {
        output.Write(System.Text.Encoding.ASCII.GetBytes($"@@ -{RangeOf(hunk.BeforeStart, hunk.BeforeEnd)} +{RangeOf(hunk.AfterStart, hunk.AfterEnd)} @@\n"));
        var (x, y) = (hunk.BeforeStart, hunk.AfterStart);
        while (x < hunk.BeforeEnd || y < hunk.AfterEnd)
        {
            if (x < hunk.BeforeEnd && _removed[x])
            {
                WriteLine(output, (byte)'-', _before[x++]);
            }
            else if (y < hunk.AfterEnd && _added[y])
            {
                WriteLine(output, (byte)'+', _after[y++]);
            }
            else
            {
                WriteLine(output, (byte)' ', _before[x++]);
                y++;
            }
        }
    }

    // Of no lines the one before counts.
    static string RangeOf(int from, int to) => (to - from) switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{from},0"),
        1 => string.Create(CultureInfo.InvariantCulture, $"{from + 1}"),
        var count => string.Create(CultureInfo.InvariantCulture, $"{from + 1},{count}"),
    };

    static void WriteLine(IBufferWriter<byte> output, byte sign, ReadOnlySpan<byte> line)
    {
        output.Write([sign]);
        output.Write(line);
        if (line[^1] != (byte)'\n')
            output.Write("\n\\ No newline at end of file\n"u8);
    }

    static long BytesOf(LineTable lines, bool[] isCounted)
    {
        long bytes = 0;
        for (var i = 0; i < isCounted.Length; i++)
            bytes += isCounted[i] ? lines[i].Length : 0;
        return bytes;
    }
}
