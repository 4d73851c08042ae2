using System.CommandLine;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Takes a stash off the list.</summary>
sealed class StashDropVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Argument<int> _number = new("N") { Description = Stashes.NumberHelp, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public StashDropVerb()
        : base("drop", "Take what was put aside off the list")
    {
        Options.Add(_volume);
        Options.Add(_branch);
        Arguments.Add(_number);
    }

    /// <inheritdoc/>
    public override string Details =>
        "Its commit, whose name is printed, is still found by that, as all that a reference of a volume ever named.";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt stash drop", "Give the newest one up."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = await volumes.FindBranchAsync(volume, context.Get(_branch), cancellationToken);
        var (id, stash) = await Stashes.FindAsync(volume, branch, context.Get(_number), cancellationToken);
        await volume.StashesOf(branch).DropAsync(id, $"stash drop: {Volume.FirstLine(stash)}", cancellationToken);
        context.Output.WriteLine(CommitText.IdOf(id));
        return ExitCode.Ok;
    }
}
