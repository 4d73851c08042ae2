using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Settings;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Versions;

/// <summary>What the commands of <c>vt stash</c> share.</summary>
static class Stashes
{
    /// <summary>The label of a commit that was put aside: the branch.</summary>
    public const string Label = "stash";

    /// <summary>What the number of a stash means.</summary>
    public const string NumberHelp = "Which one, as vt stash list counts them; else 0, the newest";

    /// <summary>Finds a stash of a branch.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="branch">The branch.</param>
    /// <param name="number">Which one: 0 is the newest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is none of that number.</exception>
    public static async Task<(BlockHash Id, Commit Commit)> FindAsync(Volume volume, string branch, int number, CancellationToken cancellationToken)
    {
        var there = await volume.StashesOf(branch).ReadAsync(cancellationToken);
        if (number < 0 || number >= there.Count)
        {
            throw new UserErrorException(there.Count == 0
                ? $"nothing of {BranchTree.MountNameOf(volume, branch)} is stashed"
                : $"{BranchTree.MountNameOf(volume, branch)} has no stash {number}: vt stash list shows {(there.Count == 1 ? "the one there is" : $"0 to {there.Count - 1}")}");
        }

        return (there[number], await volume.Commits.ReadAsync(there[number], cancellationToken));
    }

    /// <summary>The tree that the changes of a stash were made to.</summary>
    public static async Task<Dirent> BaseOfAsync(Volume volume, Commit stash, CancellationToken cancellationToken) =>
        (await volume.Commits.ReadAsync(stash.Parents[0], cancellationToken)).Root;

    /// <summary>Merges a stash back into its branch's tree, and takes it off the list if it is to go and nothing is in the way.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> ApplyAsync(
        CommandContext context, OpenBranch branch, int number, bool isDropped, bool isJson, CancellationToken cancellationToken)
    {
        var (id, stash) = await FindAsync(branch.Volume, branch.Name, number, cancellationToken);
        var conflicts = await branch.Tree.ApplyAsync((await BaseOfAsync(branch.Volume, stash, cancellationToken), stash.Root), cancellationToken);
        if (conflicts.Count > 0)
        {
            MergeReport.PrintConflicts(context, isJson, conflicts);
            context.Messages.Say($"{conflicts.Count} {(conflicts.Count == 1 ? "conflict" : "conflicts")}: put the tree right and commit it, or give it up with vt reset --hard HEAD; the stash stays until vt stash drop");
            return ExitCode.Partial;
        }

        if (isDropped)
            await branch.Volume.StashesOf(branch.Name).DropAsync(id, $"stash pop: {Volume.FirstLine(stash)}", CancellationToken.None);
        if (!context.IsQuiet)
            context.Messages.Say($"{Volume.FirstLine(stash)}: is in the tree of {branch.FullName} again");
        return ExitCode.Ok;
    }
}
