using System.Text;
using System.Text.Json;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Versions;

/// <summary>How commits are shown.</summary>
static class CommitText
{
    /// <summary>A commit's name as people see it: the digits of its hash.</summary>
    public static string IdOf(BlockHash id) => Convert.ToHexStringLower(id.Digest);

    /// <summary>Prints a commit as log and show do.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="id">Its name.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="names">The branches and tags that stand for it; may be empty.</param>
    /// <param name="isShort">Whether to print one line only.</param>
    public static void Print(ResultWriter output, BlockHash id, Commit commit, string names, bool isShort)
    {
        foreach (var line in LinesOf(id, commit, names, isShort))
            output.WriteLine(line);
    }

    /// <summary>Prints a commit with a drawing of its history before it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="lines">The commit's lines.</param>
    /// <param name="drawing">What stands before them: the last before all that follow.</param>
    public static void PrintBeside(ResultWriter output, IEnumerable<string> lines, IReadOnlyList<string> drawing)
    {
        var at = 0;
        foreach (var line in lines)
            output.WriteLine((drawing[Math.Min(at++, drawing.Count - 1)] + line).TrimEnd());
        for (; at < drawing.Count - 1; at++)
            output.WriteLine(drawing[at].TrimEnd());
    }

    /// <summary>The lines of a commit as log and show print them.</summary>
    public static IEnumerable<string> LinesOf(BlockHash id, Commit commit, string names, bool isShort)
    {
        var behind = names.Length > 0 ? $" ({names})" : "";
        if (isShort)
        {
            yield return $"{id.ToShortString()}{behind} {TerminalText.Visible(Volume.FirstLine(commit))}";
            yield break;
        }

        yield return $"commit {IdOf(id)}{behind}";
        if (commit.Parents.Count > 1)
            yield return $"Merge:  {string.Join(' ', commit.Parents.Select(static parent => parent.ToShortString()))}";
        yield return $"Author: {commit.Author.Person}";
        yield return $"Date:   {DirentText.DateOf(commit.Author.Date)}";
        if (commit.Committer.Person != commit.Author.Person)
            yield return $"Commit: {commit.Committer.Person}";
        foreach (var label in LabelsOf("Label:  ", commit.Labels).Concat(LabelsOf("From:   ", commit.Provenance)))
            yield return label;
        yield return "";
        foreach (var line in Encoding.UTF8.GetString(commit.Message.Span).Split('\n'))
            yield return $"    {TerminalText.Visible(line)}".TrimEnd();
        yield return "";
    }

    /// <summary>Prints a commit as a JSON object on a line.</summary>
    public static void PrintJson(ResultWriter output, BlockHash id, Commit commit)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("id", IdOf(id));
        json.WriteStartArray("parents");
        foreach (var parent in commit.Parents)
            json.WriteStringValue(IdOf(parent));
        json.WriteEndArray();
        WriteSignature(json, "author", commit.Author);
        WriteSignature(json, "committer", commit.Committer);
        json.WriteString("message", Encoding.UTF8.GetString(commit.Message.Span));
        WriteLabels(json, "labels", commit.Labels);
        WriteLabels(json, "provenance", commit.Provenance);
        json.WriteString("root", commit.Root.ToString());
        json.WriteEndObject();
        output.EndJson();
    }

    static IEnumerable<string> LabelsOf(string what, IReadOnlyDictionary<string, string> labels) =>
        Commit.InOrder(labels).Select(label => $"{what}{label.Key}={TerminalText.Visible(label.Value)}");

    static void WriteSignature(Utf8JsonWriter json, string property, Signature signature)
    {
        json.WriteStartObject(property);
        json.WriteString("name", signature.Name);
        json.WriteString("email", signature.Email);
        json.WriteString("date", DirentText.DateOf(signature.Date));
        json.WriteString("time", signature.When.ToString());
        json.WriteEndObject();
    }

    static void WriteLabels(Utf8JsonWriter json, string property, IReadOnlyDictionary<string, string> labels)
    {
        json.WriteStartObject(property);
        foreach (var (word, text) in Commit.InOrder(labels))
            json.WriteString(word, Encoding.UTF8.GetString(Vt.Blocks.Encoding.LosslessText.ToBytes(text)));
        json.WriteEndObject();
    }
}
