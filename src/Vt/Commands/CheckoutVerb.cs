using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Docker;
using Vt.Files;
using Vt.Mounts;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Chooses the branch that commands work with.</summary>
sealed class CheckoutVerb : Verb
{
    readonly Option<bool> _make = new("-b", "--make") { Description = "Make the branch first" };
    readonly Option<bool> _force = new("-f", "--force") { Description = "Also where somebody has a file open for writing in the mount" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly ContainerOptions _containers = new();
    readonly Argument<string> _name = new("BRANCH") { Description = "The branch" };
    readonly Argument<string?> _start = new("REV") { Description = "With -b, the commit that it begins with; else HEAD", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public CheckoutVerb()
        : base("checkout", "Choose the branch that is worked on")
    {
        Options.Add(_make);
        Options.Add(_force);
        Options.Add(_volume);
        _containers.AddTo(this);
        Arguments.Add(_name);
        Arguments.Add(_start);
    }

    /// <inheritdoc/>
    public override string Details =>
        $"""
        Each branch has a tree of its own on this machine: what is not committed stays with the branch, and is there when it is checked out again. A new branch
        begins with a commit, never with what is not committed.

        A mount of VOLUME shows the branch that is checked out: it becomes the other branch's tree in one step, without being unmounted, and whoever works in it goes on
        there. A file that is the same in both stays open as it is; one that differs goes on being what it was for who has it open to read. Where somebody has a file open
        for writing nothing is done; with -f it is, and what is written to a file that differs is lost. Mounts of VOLUME@BRANCH stay as they are.

        {ContainerOptions.Help}
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt checkout experiment", "Go on with a branch."),
        ("vt checkout -b experiment", "Make one of the last commit, and go on with it."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (name, isMade, start) = (context.Get(_name), context.Get(_make), context.Get(_start));
        if (start is not null && !isMade)
            throw new UserErrorException("a branch is checked out as it is; with -b a new one begins with REV");
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);

        // Whatever can be refused is refused before containers are stopped, and nothing is made before they are.
        BlockHash? made = isMade ? (await volumes.ResolveAsync(start ?? "HEAD", volume.Name, null, cancellationToken)).Commit : null;
        if (!isMade)
            await volumes.FindBranchAsync(volume, name, cancellationToken);
        else if (await volume.HasBranchAsync(name, cancellationToken))
            throw new UserErrorException($"there is a branch '{name}' already in {volume.Name}");
        else
            VolumeNames.CheckBranch(name);
        return await ContainerWork.RunAsync(
            context,
            [volume.Name],
            _containers.Read(context),
            isCommit: false,
            _ => CheckOutAsync(context, volumes, volume, (name, made, start ?? "HEAD"), cancellationToken),
            cancellationToken);
    }

    async Task<int> CheckOutAsync(
        CommandContext context, OpenVolumes volumes, Volume volume, (string Name, BlockHash? Made, string Start) branch, CancellationToken cancellationToken)
    {
        var head = await volumes.HeadOfAsync(volume, cancellationToken);
        var mount = volumes.FindFollower(volume) is { } follower && follower.Branch != branch.Name ? follower.Mount : null;
        if (!context.Get(_force))
            mount?.RefuseWriters(volume.Name);
        if (branch.Made is { } commit)
            await volume.CreateBranchAsync(branch.Name, commit, $"branch: made of {branch.Start}", cancellationToken);
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch.Name, cancellationToken);
        if (mount is not null)
            Turn(volumes, (volume, head, branch.Name), mount, tree);
        volumes.Work.WriteHead(volume, branch.Name);
        return ExitCode.Ok;
    }

    // Until the mount has become the other branch nothing is different; from then on whoever finds HEAD as it is left finds out that it has.
    static void Turn(OpenVolumes volumes, (Volume Volume, string Head, string Next) move, LiveMount mount, BranchTree tree)
    {
        mount.Sync();
        volumes.Work.WriteHead(move.Volume, move.Head, move.Next);
        try
        {
            mount.Turn(new ArchiveTurn(tree.Archive.Path, null, null));
        }
        catch (UserErrorException)
        {
            volumes.Work.WriteHead(move.Volume, move.Head);
            throw;
        }
    }
}
