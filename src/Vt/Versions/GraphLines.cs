using System.Text;
using Vt.Blocks.Hashing;

namespace Vt.Versions;

/// <summary>
/// Draws a history beside its commits, as git log --graph does: a column for each line of history that is open, <c>*</c> for the commit, <c>\</c> where
/// a merge opens lines and <c>/</c> where lines come together. Commits come before their parents.
/// </summary>
sealed class GraphLines
{
    // What each open line leads to next.
    List<BlockHash> _open = [];

    /// <summary>The next commit.</summary>
    /// <param name="id">The commit.</param>
    /// <param name="parents">What it leads to.</param>
    /// <returns>What stands before the lines of its text, all of one width: the first has the star, and the last goes before all that follow.</returns>
    public IReadOnlyList<string> Add(BlockHash id, IReadOnlyList<BlockHash> parents)
    {
        var at = _open.IndexOf(id);
        if (at < 0)
        {
            at = _open.Count;
            _open.Add(id);
        }

        var lines = new List<string> { Verticals(_open.Count, at) };
        var strands = new List<BlockHash?>(_open.Select(static open => (BlockHash?)open)) { [at] = parents.Count > 0 ? parents[0] : null };
        foreach (var parent in parents.Skip(1).Reverse())
        {
            lines.Add(FanOut(strands.Count, at));
            strands.Insert(at + 1, parent);
        }

        Collapse(strands, lines);
        _open = [.. strands.OfType<BlockHash>().Distinct()];
        lines.Add(Verticals(_open.Count, -1));
        var width = lines.Max(static line => line.Length);
        return [.. lines.Select(line => line.PadRight(width))];
    }

    static string Verticals(int count, int star)
    {
        var line = new StringBuilder();
        for (var i = 0; i < count; i++)
            line.Append(i == star ? "* " : "| ");
        return line.ToString();
    }

    // A line leaves the commit to the right, and those on the right of it make room.
    static string FanOut(int count, int at)
    {
        var line = new StringBuilder();
        for (var i = 0; i < count; i++)
            line.Append(i < at ? "| " : i == at ? @"|\" : @" \");
        return line.ToString().PadRight(2 * (count + 1));
    }

    // Lines that lead to the same commit come together at the leftmost of them, and gaps close, by one column a line.
    static void Collapse(List<BlockHash?> strands, List<string> lines)
    {
        var distinct = strands.OfType<BlockHash>().Distinct().ToList();
        var moving = new List<(int At, int Target)>();
        for (var i = 0; i < strands.Count; i++)
        {
            if (strands[i] is { } leadsTo)
                moving.Add((i, distinct.IndexOf(leadsTo)));
        }

        while (moving.Exists(static strand => strand.At > strand.Target))
        {
            var line = new char[2 * strands.Count];
            Array.Fill(line, ' ');
            for (var i = 0; i < moving.Count; i++)
            {
                var (at, target) = moving[i];
                if (at > target)
                    moving[i] = (at - 1, target);
                line[at > target ? (2 * at) - 1 : 2 * at] = at > target ? '/' : '|';
            }

            lines.Add(new string(line).TrimEnd() + ' ');
        }
    }
}
