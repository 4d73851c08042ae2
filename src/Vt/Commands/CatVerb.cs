using System.CommandLine;
using Vt.Operations;
using Vt.References;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Writes stored files' content to standard output.</summary>
sealed class CatVerb : Verb
{
    readonly Argument<string[]> _references = new("REF") { Description = "The files", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public CatVerb()
        : base("cat", "Write the content of stored files to standard output")
    {
        Arguments.Add(_references);
    }

    /// <inheritdoc/>
    public override string Details => ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt cat home.vt/notes.txt", "Show a file of the last state."),
        ("vt cat home.vt@2026-10/notes.txt > old.txt", "Bring back a file as it was at the end of a month."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        foreach (var text in context.Get(_references))
        {
            var (entry, _) = await trees.FindAsync(text, cancellationToken);
            await ContentOutput.WriteAsync(context.Output, trees.Store, text, entry, cancellationToken);
        }

        return ExitCode.Ok;
    }
}
