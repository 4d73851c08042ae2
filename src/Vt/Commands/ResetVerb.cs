using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Docker;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Takes a branch and its tree back to a commit.</summary>
sealed class ResetVerb : Verb
{
    readonly Option<bool> _hard = new("--hard") { Description = "Yes, give up what is not committed" };
    readonly Option<bool> _force = new("-f", "--force") { Description = "Also where somebody has a file open for writing in a mount of the branch" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly ContainerOptions _containers = new();
    readonly Argument<string> _commit = new("REV") { Description = "The commit" };

    /// <summary>Makes the command.</summary>
    public ResetVerb()
        : base("reset", "Take a branch and its tree back to a commit")
    {
        Options.Add(_hard);
        Options.Add(_force);
        Options.Add(_volume);
        Options.Add(_branch);
        _containers.AddTo(this);
        Arguments.Add(_commit);
    }

    /// <inheritdoc/>
    public override string Details =>
        "The tree becomes what the commit has, with all metadata, also its root's owner and mode, in a moment however large it is. Commits that the branch has no"
        + " more are still in its log: vt reflog shows them, and vt reset --hard @{1} undoes it. Where the branch is mounted, the mount gets the tree in one step, without being unmounted,"
        + " unless somebody has a file open for writing there (vt checkout --help says what becomes of open files).\n\n"
        + ContainerOptions.Help + "\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt reset --hard HEAD", "Give up what is not committed."),
        ("vt reset --hard HEAD^", "Give up the last commit too."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (!context.Get(_hard))
            throw new UserErrorException("what is not committed would be given up: say --hard if that is meant");
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = await volumes.FindBranchAsync(volume, context.Get(_branch), cancellationToken);
        var (_, commit) = await volumes.ResolveAsync(context.Get(_commit), volume.Name, branch, cancellationToken);
        var names = VolumeContainers.NamesOf(volume.Name, branch, branch == await volumes.HeadOfAsync(volume, cancellationToken));
        return await ContainerWork.RunAsync(
            context, names, _containers.Read(context), isCommit: false, _ => ResetAsync(context, volumes, (volume, branch), commit, cancellationToken), cancellationToken);
    }

    async Task<int> ResetAsync(CommandContext context, OpenVolumes volumes, (Volume Volume, string Branch) what, BlockHash commit, CancellationToken cancellationToken)
    {
        var (volume, branch) = what;
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        tree.IsForced = context.Get(_force);
        await tree.ResetAsync(commit, $"reset: moving to {context.Get(_commit)}", null, cancellationToken);
        if (!context.IsQuiet)
            context.Messages.Say($"{BranchTree.MountNameOf(volume, branch)} is at {commit.ToShortString()}");
        return ExitCode.Ok;
    }
}
