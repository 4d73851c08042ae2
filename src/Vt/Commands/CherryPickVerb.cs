using System.CommandLine;
using Vt.Blocks.Encoding;
using Vt.Output;
using Vt.Trees.Dirents;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Does what a commit did once more, on a branch.</summary>
sealed class CherryPickVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print the commit, or each conflict, as a JSON object");
    readonly Argument<string> _commit = new("REV") { Description = "The commit" };

    /// <summary>Makes the command.</summary>
    public CherryPickVerb()
        : base("cherry-pick", "Take what one commit changed over into what is checked out")
    {
        Options.Add(_volume);
        Options.Add(_branch);
        Options.Add(_json);
        Arguments.Add(_commit);
    }

    /// <inheritdoc/>
    public override string Details =>
        "What the commit changed against its first parent is merged in (vt merge --help says how, and what becomes of conflicts), with its author and message.\n\n"
        + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt cherry-pick experiment~2", "Take over one change of a branch.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = await volumes.FindBranchAsync(volume, context.Get(_branch), cancellationToken);
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        var (_, id) = await volumes.ResolveAsync(context.Get(_commit), volume.Name, branch, cancellationToken);
        var picked = await volume.Commits.ReadAsync(id, cancellationToken);
        var before = picked.Parents.Count > 0 ? (await volume.Commits.ReadAsync(picked.Parents[0], cancellationToken)).Root : new Dirent { Kind = DirentKind.Directory };
        var maker = new CommitMaker
        {
            Committer = await Authorship.CommitterAsync(context, cancellationToken),
            Author = picked.Author,
            Message = LosslessText.FromBytes(picked.Message.Span),
            Labels = picked.Labels,
        };
        var (made, conflicts) = await tree.MergeAsync(
            (before, picked.Root), null, (root, parents) => maker.Make(context, root, parents), $"cherry-pick {id.ToShortString()}", cancellationToken);
        return await MergeReport.PrintAsync(context, volume, context.Get(_json), made, conflicts, cancellationToken);
    }
}
