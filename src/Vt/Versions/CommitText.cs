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
        var behind = names.Length > 0 ? $" ({names})" : "";
        if (isShort)
        {
            output.WriteLine($"{id.ToShortString()}{behind} {TerminalText.Visible(Volume.FirstLine(commit))}");
            return;
        }

        output.WriteLine($"commit {IdOf(id)}{behind}");
        if (commit.Parents.Count > 1)
            output.WriteLine($"Merge:  {string.Join(' ', commit.Parents.Select(static parent => parent.ToShortString()))}");
        output.WriteLine($"Author: {commit.Author.Person}");
        output.WriteLine($"Date:   {DirentText.DateOf(commit.Author.Date)}");
        if (commit.Committer.Person != commit.Author.Person)
            output.WriteLine($"Commit: {commit.Committer.Person}");
        PrintLabels(output, "Label:  ", commit.Labels);
        PrintLabels(output, "From:   ", commit.Provenance);
        output.WriteLine();
        foreach (var line in Encoding.UTF8.GetString(commit.Message.Span).Split('\n'))
            output.WriteLine($"    {TerminalText.Visible(line)}".TrimEnd());
        output.WriteLine();
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

    static void PrintLabels(ResultWriter output, string what, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (word, text) in labels.OrderBy(static label => label.Key, StringComparer.Ordinal))
            output.WriteLine($"{what}{word}={TerminalText.Visible(text)}");
    }

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
        foreach (var (word, text) in labels.OrderBy(static label => label.Key, StringComparer.Ordinal))
            json.WriteString(word, Encoding.UTF8.GetString(Vt.Blocks.Encoding.LosslessText.ToBytes(text)));
        json.WriteEndObject();
    }
}
