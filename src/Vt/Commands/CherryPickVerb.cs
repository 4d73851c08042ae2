using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;
using Vt.Versions;
using Vt.Volumes.Commits;

namespace Vt.Commands;

/// <summary>Does what a commit did once more, on a branch.</summary>
sealed class CherryPickVerb() : OneChangeVerb("cherry-pick", "Take what one commit changed over into what is checked out")
{
    /// <inheritdoc/>
    public override string Details =>
        "What the commit changed against its first parent is merged in (vt merge --help says how, and what becomes of conflicts), with its author and message.\n\n"
        + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt cherry-pick experiment~2", "Take over one change of a branch.")];

    /// <inheritdoc/>
    protected override (Dirent Before, Dirent After) ChangeOf(string name, Commit commit, Dirent? before) =>
        (before ?? new Dirent { Kind = DirentKind.Directory }, commit.Root);

    /// <inheritdoc/>
    protected override CommitMaker MakerOf(BlockHash id, Commit commit, Signature committer) => new()
    {
        Committer = committer,
        Author = commit.Author,
        Message = LosslessText.FromBytes(commit.Message.Span),
        Labels = commit.Labels,
    };
}
