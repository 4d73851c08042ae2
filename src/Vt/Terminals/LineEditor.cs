namespace Vt.Terminals;

/// <summary>Types one line after the other, by the keys that shells have taken from Emacs: what keys mean, without a terminal.</summary>
/// <param name="history">The lines before.</param>
sealed class LineEditor(LineHistory history)
{
    int _at;
    string _typed = "";
    string? _wanted; // what is searched; null where nothing is
    string _beforeSearch = "";

    /// <summary>The line.</summary>
    public LineBuffer Buffer { get; } = new();

    /// <summary>What stands before the line in place of the prompt; null where the prompt does.</summary>
    public string? SearchPrompt => _wanted is null ? null : $"(earlier line with '{_wanted}') ";

    /// <summary>Starts an empty line.</summary>
    public void Begin()
    {
        Buffer.Set("");
        _at = history.Lines.Count;
        _wanted = null;
    }

    /// <summary>Does what a key does.</summary>
    public LineOutcome Handle(Key key)
    {
        if (_wanted is not null && HandleSearch(key) is { } found)
            return found;
        switch (key.Kind)
        {
            case KeyKind.Enter:
                return LineOutcome.Entered;
            case KeyKind.Interrupt:
                return LineOutcome.GivenUp;
            case KeyKind.Complete:
                return LineOutcome.Completing;
            case KeyKind.Clear:
                return LineOutcome.Clearing;
            case KeyKind.DeleteOrEnd when Buffer.Units.Count == 0:
                return LineOutcome.Ended;
            case KeyKind.Previous:
                Go(_at - 1);
                break;
            case KeyKind.Next:
                Go(_at + 1);
                break;
            case KeyKind.Search:
                _beforeSearch = Buffer.Text;
                _wanted = "";
                break;
            default:
                Buffer.Apply(key);
                break;
        }

        return LineOutcome.Typing;
    }

    void Go(int to)
    {
        if (to < 0 || to > history.Lines.Count)
            return;
        if (_at == history.Lines.Count)
            _typed = Buffer.Text;
        _at = to;
        Buffer.Set(to == history.Lines.Count ? _typed : history.Lines[to]);
    }

    // Null where the key ends the search and does what it does otherwise.
    LineOutcome? HandleSearch(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Text:
                Search(_wanted + LineUnits.TextOf([key.Unit]), Math.Min(_at, history.Lines.Count - 1));
                return LineOutcome.Typing;
            case KeyKind.Backspace:
                Search(LineUnits.TextOf(LineUnits.Of(_wanted!).SkipLast(1)), history.Lines.Count - 1);
                return LineOutcome.Typing;
            case KeyKind.Search:
                Search(_wanted!, _at - 1);
                return LineOutcome.Typing;
            case KeyKind.Abort or KeyKind.Interrupt:
                _wanted = null;
                _at = history.Lines.Count;
                Buffer.Set(_beforeSearch);
                return LineOutcome.Typing;
            case KeyKind.None:
                return LineOutcome.Typing;
            default:
                _wanted = null;
                return null;
        }
    }

    // Where nothing is found the line stays as it is.
    void Search(string wanted, int from)
    {
        _wanted = wanted;
        if (wanted.Length == 0)
            return;
        for (var at = from; at >= 0; at--)
        {
            var found = history.Lines[at].IndexOf(wanted, StringComparison.Ordinal);
            if (found < 0)
                continue;
            _at = at;
            Buffer.Set(history.Lines[at], LineUnits.Of(history.Lines[at][..found]).Count);
            return;
        }
    }
}
