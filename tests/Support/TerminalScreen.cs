using System.Text;

namespace Vt.Tests.Support;

/// <summary>What a terminal of some width shows of what is written to it, with all that has scrolled away. Knows what the line editor uses of ECMA-48, and fails on anything else.</summary>
sealed class TerminalScreen(int columns)
{
    readonly List<List<string>> _rows = [[]];
    int _columns = columns;
    readonly StringBuilder _sequence = new();
    readonly List<byte> _pending = [];
    int _row;
    int _column;
    bool _isEscaped;
    bool _waitsAtMargin;

    /// <summary>How many bells rang.</summary>
    public int Bells { get; private set; }

    /// <summary>Every row from the first on, blanks at the ends left out.</summary>
    public List<string> Rows => _rows.ConvertAll(TextOf);

    /// <summary>Where the cursor stands.</summary>
    public (int Row, int Column) Cursor => (_row, _column);

    /// <summary>The row that the cursor stands in, up to the cursor.</summary>
    public string BeforeCursor => string.Concat(_rows[_row].Take(_column)).Replace("\0", "", StringComparison.Ordinal);

    /// <summary>Gives the screen another width, in which all that it shows has room.</summary>
    public void Resize(int width) => _columns = width;

    /// <summary>Takes what is written.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            _pending.Add(b);
        while (_pending.Count > 0)
        {
            var status = Rune.DecodeFromUtf8(_pending.ToArray(), out var rune, out var used);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
                return;
            _pending.RemoveRange(0, used);
            Take(rune);
        }
    }

    /// <summary>Takes text.</summary>
    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    void Take(Rune rune)
    {
        if (_isEscaped)
        {
            _sequence.Append(rune.ToString());
            if (_sequence.Length > 1 && rune.Value is >= 0x40 and <= 0x7e)
                Obey(_sequence.ToString());
            return;
        }

        switch (rune.Value)
        {
            case 0x1b:
                _isEscaped = true;
                _sequence.Clear();
                break;
            case '\r':
                (_column, _waitsAtMargin) = (0, false);
                break;
            case '\n':
                Down();
                break;
            case '\a':
                Bells++;
                break;
            case '\b':
                _column = Math.Max(0, _column - 1);
                break;
            default:
                Put(rune);
                break;
        }
    }

    // As xterm does: a character in the last column leaves the cursor there, and the next one wraps.
    void Put(Rune rune)
    {
        var width = rune.Value is >= 0x300 and < 0x370 ? 0 : rune.Value is (>= 0x4e00 and <= 0x9fff) or (>= 0xac00 and <= 0xd7a3) or (>= 0x1f300 and <= 0x1f64f) ? 2 : 1;
        var row = _rows[_row];
        if (width == 0)
        {
            if (_column > 0)
                row[_column - 1] += rune.ToString();
            return;
        }

        if (_waitsAtMargin || _column + width > _columns)
        {
            Down();
            _column = 0;
            row = _rows[_row];
        }

        while (row.Count < _column + width)
            row.Add(" ");
        row[_column] = rune.ToString();
        if (width == 2)
            row[_column + 1] = "\0";
        _column += width;
        _waitsAtMargin = _column == _columns;
        if (_waitsAtMargin)
            _column--;
    }

    void Down()
    {
        _waitsAtMargin = false;
        _row++;
        if (_row == _rows.Count)
            _rows.Add([]);
    }

    void Obey(string sequence)
    {
        _isEscaped = false;
        _waitsAtMargin = false;
        var count = int.TryParse(sequence[1..^1], out var number) ? number : 1;
        switch (sequence[^1])
        {
            case 'A':
                _row = Math.Max(0, _row - count);
                break;
            case 'B':
                _row = Math.Min(_rows.Count - 1, _row + count);
                break;
            case 'C':
                _column = Math.Min(_columns - 1, _column + count);
                break;
            case 'H':
                // A cleared screen begins below what was there.
                (_row, _column) = (_rows.Count, 0);
                _rows.Add([]);
                break;
            case 'J':
                _rows[_row].RemoveRange(Math.Min(_column, _rows[_row].Count), Math.Max(0, _rows[_row].Count - _column));
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                break;
            case 'K':
                _rows[_row].RemoveRange(Math.Min(_column, _rows[_row].Count), Math.Max(0, _rows[_row].Count - _column));
                break;
            default:
                throw new InvalidOperationException($"the terminal does not know ESC {sequence}");
        }
    }

    static string TextOf(List<string> row) => string.Concat(row).Replace("\0", "", StringComparison.Ordinal).TrimEnd();
}
