using System.Globalization;
using System.Text;

namespace Vt.Terminals;

/// <summary>
/// Shows a line on a terminal, over as many rows as it needs, and again after each key. Only what every terminal knows is used: going up, back and on, and clearing
/// what is below.
/// </summary>
sealed class LinePainter
{
    const string ClearBelow = "\u001b[J";

    // Which row the cursor stands in, counted from the prompt's first.
    int _row;

    // What was shown last, for a terminal that has got another width since.
    List<int> _shown = [];
    int _cursor;

    /// <summary>Forgets what was shown: the next line begins where the cursor is.</summary>
    public void Begin()
    {
        _row = 0;
        _shown = [];
        _cursor = 0;
    }

    /// <summary>The terminal has got another width, and has wrapped what it shows anew.</summary>
    public void Resize(int columns) => _row = PlaceOf(_shown, _cursor, columns).Row;

    /// <summary>What has to be written to show a line.</summary>
    /// <param name="prompt">What stands before it, without control characters.</param>
    /// <param name="units">The line.</param>
    /// <param name="cursor">Before which unit the cursor stands.</param>
    /// <param name="columns">The terminal's width.</param>
    public string Paint(string prompt, IReadOnlyList<int> units, int cursor, int columns)
    {
        var all = LineUnits.Of(prompt);
        cursor += all.Count;
        all.AddRange(units);
        var text = new StringBuilder();
        Up(text, _row);
        text.Append('\r').Append(ClearBelow);
        Write(text, all, columns);
        var end = PlaceOf(all, all.Count, columns);
        var place = PlaceOf(all, cursor, columns);
        Up(text, end.Row - place.Row);
        text.Append('\r');
        if (place.Column > 0)
            text.Append(CultureInfo.InvariantCulture, $"\u001b[{place.Column}C");
        (_row, _shown, _cursor) = (place.Row, all, cursor);
        return text.ToString();
    }

    /// <summary>What has to be written so that what follows stands below the line.</summary>
    public string Leave(int columns)
    {
        var text = new StringBuilder();
        var down = PlaceOf(_shown, _shown.Count, columns).Row - _row;
        if (down > 0)
            text.Append(CultureInfo.InvariantCulture, $"\u001b[{down}B");
        return text.Append("\r\n").ToString();
    }

    static void Up(StringBuilder text, int rows)
    {
        if (rows > 0)
            text.Append(CultureInfo.InvariantCulture, $"\u001b[{rows}A");
    }

    // A full row is left by a blank that makes the terminal wrap, and a return: it waits at the margin otherwise, and terminals differ in what they do then.
    static void Write(StringBuilder text, List<int> units, int columns)
    {
        var column = 0;
        foreach (var unit in units)
        {
            foreach (var rune in LineUnits.Shown(unit).EnumerateRunes())
            {
                var width = CharacterWidth.Of(rune);
                if (column + width > columns)
                    Wrap();
                text.Append(rune.ToString());
                column += width;
                if (column == columns)
                    Wrap();
            }
        }

        void Wrap()
        {
            text.Append(' ', columns - column).Append(" \r");
            column = 0;
        }
    }

    static (int Row, int Column) PlaceOf(List<int> units, int cursor, int columns)
    {
        var (row, column) = (0, 0);
        for (var i = 0; i < cursor && i < units.Count; i++)
        {
            foreach (var rune in LineUnits.Shown(units[i]).EnumerateRunes())
            {
                var width = CharacterWidth.Of(rune);
                if (column + width > columns)
                    (row, column) = (row + 1, 0);
                column += width;
                if (column >= columns)
                    (row, column) = (row + 1, 0);
            }
        }

        return (row, column);
    }
}
