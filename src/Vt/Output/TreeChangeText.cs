using Vt.Trees.Diff;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>How the differences of two trees are shown.</summary>
static class TreeChangeText
{
    static char LetterOf(TreeChangeKind kind) => kind switch
    {
        TreeChangeKind.Added => 'A',
        TreeChangeKind.Removed => 'D',
        _ => 'M',
    };

    static string PathOf(TreeChange change) =>
        (change.Path.IsEmpty ? "." : NameText.Of(change.Path.Span)) + ((change.After ?? change.Before)!.Kind == DirentKind.Directory ? "/" : "");

    static string PartsOf(TreeChange change)
    {
        var parts = WordsOf(change.Parts);
        return parts.Count == 0 ? "" : $" ({string.Join(", ", parts)})";
    }

    static List<string> WordsOf(ChangedParts parts)
    {
        var words = new List<string>();
        if ((parts & ChangedParts.Kind) != 0)
            words.Add("kind");
        if ((parts & ChangedParts.Content) != 0)
            words.Add("content");
        if ((parts & ChangedParts.Metadata) != 0)
            words.Add("metadata");
        return words;
    }

    /// <summary>Prints a line: a letter, the path, and what differs.</summary>
    public static void Print(ResultWriter output, TreeChange change) => output.WriteLine($"{LetterOf(change.Kind)} {PathOf(change)}{PartsOf(change)}");

    /// <summary>Prints the letter, a blank and the path's bytes, ended by a NUL.</summary>
    public static void PrintRaw(ResultWriter output, TreeChange change)
    {
        output.Write($"{LetterOf(change.Kind)} ");
        output.WriteBytes(change.Path.Span);
        output.WriteBytes("\0"u8);
    }

    /// <summary>Prints a JSON object on a line.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="change">The change.</param>
    /// <param name="content">How its content changed; null where that was not found out.</param>
    public static void PrintJson(ResultWriter output, TreeChange change, ContentChange? content = null)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("change", change.Kind switch { TreeChangeKind.Added => "added", TreeChangeKind.Removed => "removed", _ => "modified" });
        NameText.WriteJson(json, "path", change.Path.Span);
        if (change.Kind == TreeChangeKind.Modified)
        {
            json.WriteStartArray("differs_in");
            foreach (var word in WordsOf(change.Parts))
                json.WriteStringValue(word);
            json.WriteEndArray();
        }

        if (content is not null)
            DiffStatistics.WriteJson(json, content);
        WriteSide(json, "before", change.Before);
        WriteSide(json, "after", change.After);
        json.WriteEndObject();
        output.EndJson();
    }

    static void WriteSide(System.Text.Json.Utf8JsonWriter json, string property, Dirent? side)
    {
        if (side is null)
            return;
        json.WriteStartObject(property);
        DirentText.WriteJson(json, side);
        json.WriteEndObject();
    }
}
