using Vt.Blocks.Hashing;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;
using Vt.Volumes.Sync;

namespace Vt.Remotes;

/// <summary>Finds out how commits of the two sides stand to each other.</summary>
/// <param name="session">The two sides.</param>
sealed class Relations(RemoteSession session)
{
    readonly CommitStore _commits = new(session.Here.Store);
    readonly Dictionary<BlockHash, HistoryLink> _there = [];

    /// <summary>Reads what the remote's histories have that is not here, so that it can be compared; its trees stay there.</summary>
    /// <param name="there">The remote's volume.</param>
    /// <param name="tips">Its commits.</param>
    /// <param name="branches">The branches whose logs say what is likely to be there too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is not here, none before one that it comes from.</returns>
    public async Task<IReadOnlyList<BlockHash>> ReadThereAsync(Volume there, IReadOnlyCollection<BlockHash> tips, IReadOnlyList<string> branches, CancellationToken cancellationToken)
    {
        var missing = await new MissingHistory(session.There, session.Here.Store, isSourceNear: false).FindAsync(
            tips,
            token => ReadLogsAsync(there, branches, token),
            cancellationToken);
        foreach (var (id, link) in missing)
            _there[id] = link;
        return [.. missing.Select(static commit => commit.Id)];
    }

    /// <summary>How a commit that is here stands to one whose history was read.</summary>
    public ValueTask<BranchRelation> CompareAsync(BlockHash ours, BlockHash theirs, CancellationToken cancellationToken) =>
        new HistoryComparison(ReadAsync).CompareAsync(ours, theirs, cancellationToken);

    async ValueTask<HistoryLink> ReadAsync(BlockHash id, CancellationToken cancellationToken)
    {
        if (_there.TryGetValue(id, out var link))
            return link;
        var commit = await _commits.ReadAsync(id, cancellationToken);
        return new HistoryLink(commit.Parents, commit.Committer.When);
    }

    static async Task<IReadOnlyList<BlockHash>> ReadLogsAsync(Volume there, IReadOnlyList<string> branches, CancellationToken cancellationToken)
    {
        var ids = new List<BlockHash>();
        foreach (var branch in branches)
        {
            await foreach (var movement in there.ReadMovementsAsync(branch, cancellationToken))
            {
                if (movement.Commit is { } commit)
                    ids.Add(commit);
            }
        }

        return ids;
    }
}
