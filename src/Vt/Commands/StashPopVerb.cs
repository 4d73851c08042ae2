using System.CommandLine;
using Vt.Output;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Brings back what was put aside.</summary>
sealed class StashPopVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print each conflict as a JSON object");
    readonly Argument<int> _number = new("N") { Description = Stashes.NumberHelp, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public StashPopVerb()
        : base("pop", "Bring back what was put aside, and take it off the list")
    {
        Options.Add(_volume);
        Options.Add(_branch);
        Options.Add(_json);
        Arguments.Add(_number);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        It is merged into the tree (vt merge --help says how, and what becomes of conflicts), in which nothing may wait to be committed; where it is mounted nobody may have a file open for writing. Nothing
        is committed. With conflicts the exit status is 3, and it stays on the list.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt stash pop", "Go on with the newest one."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var branch = await OpenBranch.OpenAsync(context, context.Get(_volume), context.Get(_branch), cancellationToken);
        return await Stashes.ApplyAsync(context, branch, context.Get(_number), isDropped: true, context.Get(_json), cancellationToken);
    }
}
