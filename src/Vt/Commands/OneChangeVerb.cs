using System.CommandLine;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Trees.Dirents;
using Vt.Versions;
using Vt.Volumes.Commits;

namespace Vt.Commands;

/// <summary>What commands share that merge the change of one commit into a branch, as another commit.</summary>
abstract class OneChangeVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print the commit, or each conflict, as a JSON object");
    readonly Argument<string> _commit = new("REV") { Description = "The commit" };

    /// <summary>Makes the command.</summary>
    /// <param name="name">The word that calls it.</param>
    /// <param name="summary">One line for the list of commands.</param>
    protected OneChangeVerb(string name, string summary)
        : base(name, summary)
    {
        Options.Add(_volume);
        Options.Add(_branch);
        Options.Add(_json);
        Arguments.Add(_commit);
    }

    /// <inheritdoc/>
    public sealed override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var branch = await OpenBranch.OpenAsync(context, context.Get(_volume), context.Get(_branch), cancellationToken);
        var (_, id) = await branch.Volumes.ResolveAsync(context.Get(_commit), branch.Volume.Name, branch.Name, cancellationToken);
        var commit = await branch.Volume.Commits.ReadAsync(id, cancellationToken);
        Dirent? before = commit.Parents.Count > 0 ? (await branch.Volume.Commits.ReadAsync(commit.Parents[0], cancellationToken)).Root : null;
        var change = ChangeOf(context.Get(_commit), commit, before);
        var maker = MakerOf(id, commit, await Authorship.CommitterAsync(context, cancellationToken));
        var (made, conflicts) = await branch.Tree.MergeAsync(
            change, null, (root, parents) => maker.Make(context, root, parents), $"{Name} {id.ToShortString()}", cancellationToken);
        return await MergeReport.PrintAsync(context, branch.Volume, context.Get(_json), made, conflicts, cancellationToken);
    }

    /// <summary>The trees between which the change is that is merged in.</summary>
    /// <param name="name">What the commit was called.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="before">The tree of its first parent; null of a first commit.</param>
    protected abstract (Dirent Before, Dirent After) ChangeOf(string name, Commit commit, Dirent? before);

    /// <summary>What the new commit says.</summary>
    protected abstract CommitMaker MakerOf(BlockHash id, Commit commit, Signature committer);
}
