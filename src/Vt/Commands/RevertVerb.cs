using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Commands;

/// <summary>Takes back what a commit did, by another commit.</summary>
sealed class RevertVerb() : OneChangeVerb("revert", "Take back what one commit changed, by a new commit")
{
    /// <inheritdoc/>
    public override string Details =>
        "What the commit changed against its first parent is undone in the tree as it is now; what came later stays. It is a merge (vt merge --help says how, and what becomes"
        + " of conflicts).\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt revert HEAD~2", "Undo one change, and keep what came after it.")];

    /// <inheritdoc/>
    protected override (Dirent Before, Dirent After) ChangeOf(string name, Commit commit, Dirent? before) => before is null
        ? throw new UserErrorException($"{name} is the first commit: there is nothing before it")
        : (commit.Root, before);

    /// <inheritdoc/>
    protected override CommitMaker MakerOf(BlockHash id, Commit commit, Signature committer) => new()
    {
        Committer = committer,
        Author = committer,
        Message = $"Revert \"{Volume.FirstLine(commit)}\"\n\nThis reverts commit {CommitText.IdOf(id)}.",
    };
}
