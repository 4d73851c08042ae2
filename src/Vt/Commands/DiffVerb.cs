using System.CommandLine;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Compares two stored trees.</summary>
sealed class DiffVerb : Verb
{
    readonly Option<bool> _raw = new("-0", "--null") { Description = "Print the letter, a blank and the path as it is, each ended by a NUL" };
    readonly ComparisonOptions _comparison = new();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Option<bool> _exitCode = new("--exit-code") { Description = "End with status 3 where there are differences" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Argument<string?> _before = new("A") { Description = "The first tree; else HEAD", Arity = ArgumentArity.ZeroOrOne };
    readonly Argument<string?> _after = new("B") { Description = "The second tree; else what is worked on", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public DiffVerb()
        : base("diff", "Show what differs between two stored trees")
    {
        _comparison.AddTo(this);
        Options.Add(_raw);
        Options.Add(_json);
        Options.Add(_exitCode);
        Options.Add(_volume);
        Arguments.Add(_before);
        Arguments.Add(_after);
    }

    /// <inheritdoc/>
    public override string Details => ReferenceHelp.Text.Replace("REF is", "A and B are each", StringComparison.Ordinal) + "\n\n" +
        """
        Each line is a letter and a path: A, only B has it; D, only A has it; M, both have it, and what differs follows. What
        both share is not read, so the time goes with the difference.

        Without B it is the tree of the volume that is worked on, with all that is not committed; without A it is compared with the last commit.
        """ + "\n\n" + ComparisonOptions.Help;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt diff home.vt@2026-11-20 home.vt", "Show what changed since the end of a day."),
        ("vt diff", "Show what is not committed in the current volume."),
        ("vt diff HEAD^ HEAD", "Show what the last commit of the current volume has changed."),
        ("vt diff -V frob_mysql experiment", "Show what differs between a branch and what is worked on."),
        ("vt diff --stat main experiment", "Count what differs between two branches."),
        ("vt diff -p HEAD^ HEAD", "Print what the last commit has changed, as a patch."),
        ("vt diff a.vt/src b.vt/src --json", "Compare directories of two archives for a program."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var comparison = _comparison.Read(context, context.Get(_raw), context.Get(_json));
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        trees.Volume = context.Get(_volume);
        var (before, _) = await trees.FindAsync(context.Get(_before) ?? await trees.FindLastCommitAsync(cancellationToken), cancellationToken);
        var (after, _) = await trees.FindAsync(context.Get(_after) ?? await trees.FindWorkedOnAsync(cancellationToken), cancellationToken);
        var found = await comparison.ShowAsync(context, trees.Store, trees.Directories, before, after, cancellationToken);
        return found && context.Get(_exitCode) ? ExitCode.Partial : ExitCode.Ok;
    }
}
