using Vt.Blocks.Hashing;
using Vt.Volumes.Commits;

namespace Vt.Versions;

/// <summary>Finds what two commits come from.</summary>
static class MergeBase
{
    /// <summary>The newest commit that both come from, where histories cross and there are several; null where they have none in common.</summary>
    public static async Task<BlockHash?> FindAsync(CommitStore commits, BlockHash one, BlockHash other, CancellationToken cancellationToken)
    {
        var bases = await new CommitWalk(commits).FindMergeBasesAsync(one, other, cancellationToken);
        var dated = new List<(BlockHash Id, Commit Commit)>();
        foreach (var id in bases)
            dated.Add((id, await commits.ReadAsync(id, cancellationToken)));
        return dated.Count == 0 ? null : dated.MaxBy(static found => found.Commit.Committer.When).Id;
    }
}
