using System.CommandLine;
using Vt.Operations;
using Vt.Output;
using Vt.References;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Shows all that is known of entries.</summary>
sealed class StatVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string[]> _references = new("REF") { Description = "The entries", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public StatVerb()
        : base("stat", "Show all that is stored about files and directories")
    {
        Options.Add(_json);
        Arguments.Add(_references);
    }

    /// <inheritdoc/>
    public override string Details => ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt stat home.vt", "Show the root: its last line is a text that every command takes."),
        ("vt stat home.vt/notes.txt --json", "Show a file's metadata and block reference for a program."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        foreach (var text in context.Get(_references))
        {
            var (entry, _) = await trees.FindAsync(text, cancellationToken);
            var report = await EntryReport.LoadAsync(trees, text, entry, cancellationToken);
            if (context.Get(_json))
                report.PrintJson(context.Output);
            else
                report.Print(context.Output, context.Surroundings.Clock.LocalTimeZone);
        }

        return ExitCode.Ok;
    }
}
