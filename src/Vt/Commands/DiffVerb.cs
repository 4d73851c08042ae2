using System.CommandLine;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Diff;
using Vt.Trees.Dirents;

namespace Vt.Commands;

/// <summary>Compares two stored trees.</summary>
sealed class DiffVerb : Verb
{
    readonly Option<bool> _raw = new("-0", "--null") { Description = "Print the letter, a blank and the path as it is, each ended by a NUL" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Option<bool> _exitCode = new("--exit-code") { Description = "End with status 3 where there are differences" };
    readonly Argument<string> _before = new("A") { Description = "The first tree" };
    readonly Argument<string> _after = new("B") { Description = "The second tree" };

    /// <summary>Makes the command.</summary>
    public DiffVerb()
        : base("diff", "Show what differs between two stored trees")
    {
        Options.Add(_raw);
        Options.Add(_json);
        Options.Add(_exitCode);
        Arguments.Add(_before);
        Arguments.Add(_after);
    }

    /// <inheritdoc/>
    public override string Details => ReferenceHelp.Text.Replace("REF is", "A and B are each", StringComparison.Ordinal) + "\n\n" +
        """
        Each line is a letter and a path: A, only B has it; D, only A has it; M, both have it, and what differs follows. What
        both share is not read, so the time goes with the difference.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt diff home.vt@2026-11-20 home.vt", "Show what changed since the end of a day."),
        ("vt diff a.vt/src b.vt/src --json", "Compare directories of two archives for a program."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        var (before, _) = await trees.FindAsync(context.Get(_before), cancellationToken);
        var (after, _) = await trees.FindAsync(context.Get(_after), cancellationToken);
        var (json, raw) = (context.Get(_json), context.Get(_raw));
        var found = false;
        await foreach (var change in new TreeDiff(trees.Directories).CompareAsync(before, after, cancellationToken))
        {
            found = true;
            if (json)
                PrintJson(context.Output, change);
            else if (raw)
                PrintRaw(context.Output, change);
            else
                context.Output.WriteLine($"{LetterOf(change.Kind)} {PathOf(change)}{PartsOf(change)}");
        }

        return found && context.Get(_exitCode) ? ExitCode.Partial : ExitCode.Ok;
    }

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

    static void PrintRaw(ResultWriter output, TreeChange change)
    {
        output.Write($"{LetterOf(change.Kind)} ");
        output.WriteBytes(change.Path.Span);
        output.WriteBytes("\0"u8);
    }

    static void PrintJson(ResultWriter output, TreeChange change)
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
