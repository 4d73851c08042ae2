using System.Runtime.CompilerServices;
using Vt.Blocks.Hashing;

namespace Vt.Volumes.Commits;

/// <summary>Goes through histories.</summary>
/// <param name="commits">The commits.</param>
public sealed class CommitWalk(CommitStore commits)
{
    /// <summary>
    /// Every commit that is reached from some, the newest first by the committer's clock; of equal ones, that which was reached first. Where clocks went
    /// backwards a commit may come before one of its children.
    /// </summary>
    /// <param name="starts">Where to begin; each of them comes too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Vt.Blocks.Contracts.BlockMissingException">A commit is missing.</exception>
    public async IAsyncEnumerable<(BlockHash Id, Commit Commit)> WalkAsync(IEnumerable<BlockHash> starts, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = new HashSet<BlockHash>();
        var queue = new PriorityQueue<(BlockHash Id, Commit Commit), (long Seconds, long Nanoseconds, long Order)>();
        await PushAsync(starts);
        while (queue.TryDequeue(out var next, out _))
        {
            yield return next;
            await PushAsync(next.Commit.Parents);
        }

        async ValueTask PushAsync(IEnumerable<BlockHash> ids)
        {
            foreach (var id in ids)
            {
                if (!seen.Add(id))
                    continue;
                var commit = await commits.ReadAsync(id, cancellationToken);
                var when = commit.Committer.When;
                queue.Enqueue((id, commit), (-when.Seconds, -(long)when.Nanoseconds, seen.Count));
            }
        }
    }

    /// <summary>Whether a commit is another, or reached from it.</summary>
    public async ValueTask<bool> IsAncestorAsync(BlockHash ancestor, BlockHash descendant, CancellationToken cancellationToken = default)
    {
        await foreach (var (id, _) in WalkAsync([descendant], cancellationToken))
        {
            if (id == ancestor)
                return true;
        }

        return false;
    }

    /// <summary>
    /// The commits from which a merge of two starts: those reached from both of which none is reached from another. Several where histories cross.
    /// </summary>
    public async ValueTask<IReadOnlyList<BlockHash>> FindMergeBasesAsync(BlockHash one, BlockHash other, CancellationToken cancellationToken = default)
    {
        var parents = new Dictionary<BlockHash, IReadOnlyList<BlockHash>>();
        var ofOne = await ReachAsync(one);
        var common = await ReachAsync(other);
        common.IntersectWith(ofOne);

        // What is reached from a common commit's parents is no base.
        var below = new HashSet<BlockHash>();
        foreach (var id in common)
            below.UnionWith(parents[id]);
        return [.. common.Where(id => !below.Contains(id)).Order()];

        async ValueTask<HashSet<BlockHash>> ReachAsync(BlockHash start)
        {
            var reached = new HashSet<BlockHash>();
            await foreach (var (id, commit) in WalkAsync([start], cancellationToken))
            {
                reached.Add(id);
                parents[id] = commit.Parents;
            }

            return reached;
        }
    }
}
