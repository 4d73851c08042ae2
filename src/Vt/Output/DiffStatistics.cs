using System.Globalization;
using System.Text.Json;
using Vt.Trees.Diff;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>How much changed in each file, as a table with a bar for the lines, and in all.</summary>
/// <param name="width">The width of the table, in columns.</param>
sealed class DiffStatistics(int width)
{
    const int ShortestBar = 10;

    readonly List<Row> _rows = [];
    long _linesAdded;
    long _linesRemoved;
    long _bytesAdded;
    long _bytesRemoved;

    /// <summary>Counts a path's change; directories, whose entries count themselves, are left out.</summary>
    /// <returns>Whether it counts.</returns>
    public bool Add(ContentChange content)
    {
        var entry = (content.Change.After ?? content.Change.Before)!;
        if (entry.Kind == DirentKind.Directory && content.Change.Before?.Kind is null or DirentKind.Directory)
            return false;
        var (added, removed) = (content.Text?.LinesAdded ?? 0, content.Text?.LinesRemoved ?? 0);
        _linesAdded += added;
        _linesRemoved += removed;
        _bytesAdded += content.BytesAdded;
        _bytesRemoved += content.BytesRemoved;
        var what = content.Text is null ? "binary"
            : ContentDiff.HasContent(entry) && (added + removed > 0 || content.Change.Kind != TreeChangeKind.Modified) ? $"{added + removed} {(added + removed == 1 ? "line " : "lines")}"
            : ContentDiff.HasContent(entry) ? "metadata" : DirentText.KindOf(entry.Kind);
        _rows.Add(new Row(content.Change.Path.IsEmpty ? "." : NameText.Of(content.Change.Path.Span), what, $"+{HumanText.Size(content.BytesAdded)}", $"-{HumanText.Size(content.BytesRemoved)}", added, removed));
        return true;
    }

    /// <summary>Prints the table and the sums; nothing where nothing was counted.</summary>
    public void Print(ResultWriter output)
    {
        if (_rows.Count == 0)
            return;
        var (name, what, added, removed) = (_rows.Max(static row => row.Name.Length), _rows.Max(static row => row.What.Length), _rows.Max(static row => row.Added.Length), _rows.Max(static row => row.Removed.Length));
        var room = Math.Max(ShortestBar, width - name - what - added - removed - 8);
        var most = _rows.Max(static row => (long)row.LinesAdded + row.LinesRemoved);
        foreach (var row in _rows)
        {
            var bar = new string('+', Scaled(row.LinesAdded, most, room)) + new string('-', Scaled(row.LinesRemoved, most, room));
            output.WriteLine($" {row.Name.PadRight(name)} | {row.What.PadLeft(what)}  {row.Added.PadLeft(added)} {row.Removed.PadLeft(removed)} {bar}".TrimEnd());
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $" {_rows.Count} {(_rows.Count == 1 ? "file" : "files")} changed, {_linesAdded} {(_linesAdded == 1 ? "line" : "lines")} added, {_linesRemoved} removed, {HumanText.Size(_bytesAdded)} added, {HumanText.Size(_bytesRemoved)} removed"));
    }

    /// <summary>Prints the sums as a JSON object on a line.</summary>
    public void PrintJson(ResultWriter output)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteNumber("files", _rows.Count);
        Write(json, (_linesAdded, _linesRemoved), (_bytesAdded, _bytesRemoved));
        json.WriteEndObject();
        output.EndJson();
    }

    /// <summary>Writes the figures of a change into a JSON object that the caller has begun; lines of a text only.</summary>
    public static void WriteJson(Utf8JsonWriter json, ContentChange content) =>
        Write(json, content.Text is { } text ? (text.LinesAdded, text.LinesRemoved) : null, (content.BytesAdded, content.BytesRemoved));

    static void Write(Utf8JsonWriter json, (long Added, long Removed)? lines, (long Added, long Removed) bytes)
    {
        if (lines is { } counted)
        {
            json.WriteNumber("lines_added", counted.Added);
            json.WriteNumber("lines_removed", counted.Removed);
        }

        json.WriteNumber("bytes_added", bytes.Added);
        json.WriteNumber("bytes_removed", bytes.Removed);
    }

    // What there is at all has a sign.
    static int Scaled(long count, long most, int room) => most <= room ? (int)count : count == 0 ? 0 : (int)Math.Max(1, count * room / most);

    sealed record Row(string Name, string What, string Added, string Removed, int LinesAdded, int LinesRemoved);
}
