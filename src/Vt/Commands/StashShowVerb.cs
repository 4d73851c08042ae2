using System.CommandLine;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Directories;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Shows what a stash has changed.</summary>
sealed class StashShowVerb : Verb
{
    readonly ComparisonOptions _comparison = new();
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<int> _number = new("N") { Description = Stashes.NumberHelp, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public StashShowVerb()
        : base("show", "Show what was put aside")
    {
        _comparison.AddTo(this);
        Options.Add(_volume);
        Options.Add(_branch);
        Options.Add(_json);
        Arguments.Add(_number);
    }

    /// <inheritdoc/>
    public override string Details =>
        "It is what differs from the commit that the changes were made to, as vt diff shows it.\n\n" + ComparisonOptions.Help;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt stash show", "List what differs in the newest one."),
        ("vt stash show -p 1", "Show the one before as a patch."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var comparison = _comparison.Read(context, isRaw: false, context.Get(_json));
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = await volumes.FindBranchAsync(volume, context.Get(_branch), cancellationToken);
        var (_, stash) = await Stashes.FindAsync(volume, branch, context.Get(_number), cancellationToken);
        var before = await Stashes.BaseOfAsync(volume, stash, cancellationToken);
        await comparison.ShowAsync(context, volumes.Store, new DirectoryReader(volumes.Store, new DirectoryNodeCache()), before, stash.Root, cancellationToken);
        return ExitCode.Ok;
    }
}
