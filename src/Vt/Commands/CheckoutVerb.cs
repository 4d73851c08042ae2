using System.CommandLine;
using Vt.Blocks.Contracts;
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
        if (isMade)
        {
            var (_, commit) = await volumes.ResolveAsync(start ?? "HEAD", volume.Name, null, cancellationToken);
            await volume.CreateBranchAsync(name, commit, $"branch: made of {start ?? "HEAD"}", cancellationToken);
        }

        var branch = await volumes.FindBranchAsync(volume, name, cancellationToken);
        return await ContainerWork.RunAsync(
            context, [volume.Name], _containers.Read(context), isCommit: false, _ => CheckOutAsync(context, volumes, (volume, branch), cancellationToken), cancellationToken);
    }

    async Task<int> CheckOutAsync(CommandContext context, OpenVolumes volumes, (Volume Volume, string Branch) what, CancellationToken cancellationToken)
    {
        var (volume, branch) = what;
        var head = await volumes.HeadOfAsync(volume, cancellationToken);
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        if (volumes.FindFollower(volume) is { } follower && follower.Branch != branch)
            Turn(context, volumes, (volume, head, branch), follower.Mount, tree);
        volumes.Work.WriteHead(volume, branch);
        return ExitCode.Ok;
    }

    // Until the mount has become the other branch nothing is different; from then on whoever finds HEAD as it is left finds out that it has.
    void Turn(CommandContext context, OpenVolumes volumes, (Volume Volume, string Head, string Next) move, LiveMount mount, BranchTree tree)
    {
        if (!context.Get(_force))
            mount.RefuseWriters(move.Volume.Name);
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
