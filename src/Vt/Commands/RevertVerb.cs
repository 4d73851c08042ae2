using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Takes back what a commit did, by another commit.</summary>
sealed class RevertVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print the commit, or each conflict, as a JSON object");
    readonly Argument<string> _commit = new("REV") { Description = "The commit" };

    /// <summary>Makes the command.</summary>
    public RevertVerb()
        : base("revert", "Take back what one commit changed, by a new commit")
    {
        Options.Add(_volume);
        Options.Add(_branch);
        Options.Add(_json);
        Arguments.Add(_commit);
    }

    /// <inheritdoc/>
    public override string Details =>
        "What the commit changed against its first parent is undone in the tree as it is now; what came later stays. It is a merge (vt merge --help says how, and what becomes"
        + " of conflicts).\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt revert HEAD~2", "Undo one change, and keep what came after it.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = await volumes.FindBranchAsync(volume, context.Get(_branch), cancellationToken);
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        var (_, id) = await volumes.ResolveAsync(context.Get(_commit), volume.Name, branch, cancellationToken);
        var reverted = await volume.Commits.ReadAsync(id, cancellationToken);
        if (reverted.Parents.Count == 0)
            throw new UserErrorException($"{context.Get(_commit)} is the first commit: there is nothing before it");
        var before = (await volume.Commits.ReadAsync(reverted.Parents[0], cancellationToken)).Root;
        var committer = await Authorship.CommitterAsync(context, cancellationToken);
        var maker = new CommitMaker
        {
            Committer = committer,
            Author = committer,
            Message = $"Revert \"{Volume.FirstLine(reverted)}\"\n\nThis reverts commit {CommitText.IdOf(id)}.",
        };
        var (made, conflicts) = await tree.MergeAsync(
            (reverted.Root, before), null, (root, parents) => maker.Make(context, root, parents), $"revert {id.ToShortString()}", cancellationToken);
        return await MergeReport.PrintAsync(context, volume, context.Get(_json), made, conflicts, cancellationToken);
    }
}
