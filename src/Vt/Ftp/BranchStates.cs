using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Operations;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Ftp;

/// <summary>States of a branch's tree on this machine, committed or not: where an import or a mount of it would go.</summary>
/// <param name="context">The command.</param>
/// <param name="volumes">The volumes.</param>
/// <param name="volume">The volume.</param>
/// <param name="branch">The branch.</param>
sealed class BranchStates(CommandContext context, OpenVolumes volumes, Volume volume, string branch) : StateKeeper
{
    readonly DirectoryReader _directories = new(volumes.Store, new DirectoryNodeCache());

    /// <inheritdoc/>
    public override string Title => BranchTree.MountNameOf(volume, branch);

    /// <summary>The volume.</summary>
    public Volume Volume => volume;

    /// <summary>The branch.</summary>
    public string Branch => branch;

    /// <summary>A commit that was merged into the session's tree: the next commit has it as a parent. Null where none was.</summary>
    public BlockHash? Merged { get; set; }

    /// <inheritdoc/>
    public override async Task<MergeOutcome> KeepAsync(Dirent root, Dirent before, CancellationToken cancellationToken)
    {
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        using var held = ArchiveWriting.Hold(tree.Archive.Path);
        var outcome = await ArchiveStates.KeepHeldAsync(tree.Archive, _directories, root, before, cancellationToken);

        // Behind the tree: a note without it would say of a commit that it has what it hasn't.
        if (Merged is { } merged)
            tree.NoteMerged(merged);
        Merged = null;
        return outcome;
    }
}
