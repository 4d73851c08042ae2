using System.CommandLine;
using Vt.Output;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Brings back what was put aside, and keeps it.</summary>
sealed class StashApplyVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print each conflict as a JSON object");
    readonly Argument<int> _number = new("N") { Description = Stashes.NumberHelp, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public StashApplyVerb()
        : base("apply", "Bring back what was put aside, and keep it on the list")
    {
        Options.Add(_volume);
        Options.Add(_branch);
        Options.Add(_json);
        Arguments.Add(_number);
    }

    /// <inheritdoc/>
    public override string Details =>
        "As vt stash pop, but it stays on the list, and can be brought to the same tree later once more.";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt stash apply 1", "Try the last but one."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var branch = await OpenBranch.OpenAsync(context, context.Get(_volume), context.Get(_branch), cancellationToken);
        return await Stashes.ApplyAsync(context, branch, context.Get(_number), isDropped: false, context.Get(_json), cancellationToken);
    }
}
