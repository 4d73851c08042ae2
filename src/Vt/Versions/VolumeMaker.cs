using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Versions;

/// <summary>Makes volumes.</summary>
static class VolumeMaker
{
    /// <summary>The label of the commit with which a volume is made, and its text.</summary>
    public const string FirstLabel = "initial";

    /// <summary>What the label says.</summary>
    public const string FirstText = "yes";

    /// <summary>Makes a volume, the current one from now on, with one branch that is checked out, and unless told otherwise a first commit of an empty tree, so that there is something to go back to.</summary>
    /// <param name="context">The command.</param>
    /// <param name="volumes">The volumes, open for writing.</param>
    /// <param name="name">Its name.</param>
    /// <param name="branch">The branch's.</param>
    /// <param name="committer">Who makes the first commit; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is one of that name, or a name is none.</exception>
    public static async Task<Volume> MakeAsync(
        CommandContext context, OpenVolumes volumes, string name, string branch, Signature? committer, CancellationToken cancellationToken)
    {
        var volume = await volumes.Catalog.CreateAsync(name, branch, cancellationToken);
        volumes.Work.WriteCurrent(volumes.Store.Description, volume.Id);
        volumes.Work.WriteHead(volume, branch);
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        if (committer is not null)
        {
            var maker = new CommitMaker { Committer = committer, Author = committer, Message = $"Make volume {volume.Name}", Labels = new Dictionary<string, string> { [FirstLabel] = FirstText } };
            await tree.CommitAsync((root, tip, token) => maker.MakeAsync(context, volume.Commits, root, tip, token), cancellationToken);
        }

        return volume;
    }
}
