using System.CommandLine;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Dirents;

namespace Vt.Commands;

/// <summary>Lists what is in a stored tree.</summary>
sealed class LsVerb : Verb
{
    readonly Option<bool> _long = new("-l", "--long") { Description = "Show mode, links, owner, group, size and time, as ls -l does" };
    readonly Option<bool> _recursive = new("-R", "--recursive") { Description = "List the directories below as well" };
    readonly Option<bool> _directory = new("-d", "--directory") { Description = "Show a directory itself, not what is in it" };
    readonly Option<bool> _raw = new("-0", "--null") { Description = "Print full paths as they are, each ended by a NUL, and nothing else" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line, with every field and the full path");
    readonly Argument<string[]> _references = new("REF") { Description = "What to list", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public LsVerb()
        : base("ls", "List what is in a stored tree")
    {
        Options.Add(_long);
        Options.Add(_recursive);
        Options.Add(_directory);
        Options.Add(_raw);
        Options.Add(_json);
        Arguments.Add(_references);
    }

    /// <inheritdoc/>
    public override string Details => ReferenceHelp.Text + "\n\n" +
        """
        In names, control characters, backslashes and bytes that are not UTF-8 show as \xNN, wherever the output goes; -0 and
        --json give names exactly. Times are in the local time zone.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt ls home.vt", "List the top of the last state."),
        ("vt ls -lR home.vt@2026-11-01/etc", "List a directory, and all below it, as it was on a day."),
        ("vt ls -R --json home.vt", "List everything for a program."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var references = context.Get(_references);
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        TreeLister lister = context.Get(_json) ? new JsonTreeLister(context.Output, trees)
            : context.Get(_raw) ? new RawTreeLister(context.Output, trees)
            : new TextTreeLister(context.Output, trees, context.Get(_long), context.Surroundings.Clock.LocalTimeZone);
        lister.IsRecursive = context.Get(_recursive);
        foreach (var text in references)
        {
            var (entry, path) = await trees.FindAsync(text, cancellationToken);
            if (entry.Kind == DirentKind.Directory && !context.Get(_directory))
                await lister.ListAsync(entry, path, references.Length > 1 || context.Get(_recursive), cancellationToken);
            else
                await lister.ShowAsync(entry, path, cancellationToken);
        }

        lister.Finish();
        return ExitCode.Ok;
    }
}
