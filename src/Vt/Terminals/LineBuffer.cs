namespace Vt.Terminals;

/// <summary>A line that is being typed, with a place in it and what was cut last.</summary>
sealed class LineBuffer
{
    readonly List<int> _units = [];
    List<int> _cut = [];
    bool _isCutting;

    /// <summary>The units; see <see cref="LineUnits"/>.</summary>
    public IReadOnlyList<int> Units => _units;

    /// <summary>Before which unit the next is typed.</summary>
    public int Cursor { get; private set; }

    /// <summary>The text.</summary>
    public string Text => LineUnits.TextOf(_units);

    /// <summary>The text before the place.</summary>
    public string TextBefore => LineUnits.TextOf(_units.Take(Cursor));

    /// <summary>Gives the line another text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cursor">Before which unit the next is typed; null for the end.</param>
    public void Set(string text, int? cursor = null)
    {
        _units.Clear();
        _units.AddRange(LineUnits.Of(text));
        Cursor = Math.Clamp(cursor ?? _units.Count, 0, _units.Count);
    }

    /// <summary>Puts a text in the place of the units from one to the place.</summary>
    public void ReplaceBefore(int start, string text)
    {
        _units.RemoveRange(start, Cursor - start);
        var units = LineUnits.Of(text);
        _units.InsertRange(start, units);
        Cursor = start + units.Count;
    }

    /// <summary>Does what a key that edits does.</summary>
    /// <returns>False of other keys.</returns>
    public bool Apply(Key key)
    {
        var wasCutting = _isCutting;
        _isCutting = false;
        switch (key.Kind)
        {
            case KeyKind.Text:
                _units.Insert(Cursor++, key.Unit);
                return true;
            case KeyKind.Left:
                Cursor = Math.Max(Cursor - 1, 0);
                return true;
            case KeyKind.Right:
                Cursor = Math.Min(Cursor + 1, _units.Count);
                return true;
            case KeyKind.Home:
                Cursor = 0;
                return true;
            case KeyKind.End:
                Cursor = _units.Count;
                return true;
            case KeyKind.WordLeft:
                Cursor = WordStart(LineUnits.IsWordPart);
                return true;
            case KeyKind.WordRight:
                Cursor = WordEnd();
                return true;
            case KeyKind.Backspace:
                Remove(Cursor - 1);
                return true;
            case KeyKind.Delete or KeyKind.DeleteOrEnd:
                if (Cursor < _units.Count)
                    _units.RemoveAt(Cursor);
                return true;
            case KeyKind.Swap:
                Swap();
                return true;
            case KeyKind.Paste:
                _units.InsertRange(Cursor, _cut);
                Cursor += _cut.Count;
                return true;
            default:
                return ApplyCut(key.Kind, wasCutting);
        }
    }

    bool ApplyCut(KeyKind kind, bool wasCutting)
    {
        var (start, end) = kind switch
        {
            KeyKind.CutToEnd => (Cursor, _units.Count),
            KeyKind.CutToStart => (0, Cursor),
            KeyKind.CutBlankWord => (WordStart(static unit => !LineUnits.IsBlank(unit)), Cursor),
            KeyKind.CutWordLeft => (WordStart(LineUnits.IsWordPart), Cursor),
            KeyKind.CutWordRight => (Cursor, WordEnd()),
            _ => (-1, -1),
        };
        if (start < 0)
            return false;

        // What is cut by keys in a row comes back together.
        var cut = _units.GetRange(start, end - start);
        if (!wasCutting)
            _cut = cut;
        else
            _cut = start < Cursor ? [.. cut, .. _cut] : [.. _cut, .. cut];
        _units.RemoveRange(start, end - start);
        Cursor = start;
        _isCutting = true;
        return true;
    }

    void Remove(int at)
    {
        if (at < 0)
            return;
        _units.RemoveAt(at);
        Cursor = at;
    }

    void Swap()
    {
        if (Cursor == 0 || _units.Count < 2)
            return;
        var at = Math.Min(Cursor, _units.Count - 1);
        (_units[at - 1], _units[at]) = (_units[at], _units[at - 1]);
        Cursor = at + 1;
    }

    int WordStart(Func<int, bool> isPart)
    {
        var at = Cursor;
        while (at > 0 && !isPart(_units[at - 1]))
            at--;
        while (at > 0 && isPart(_units[at - 1]))
            at--;
        return at;
    }

    int WordEnd()
    {
        var at = Cursor;
        while (at < _units.Count && !LineUnits.IsWordPart(_units[at]))
            at++;
        while (at < _units.Count && LineUnits.IsWordPart(_units[at]))
            at++;
        return at;
    }
}
