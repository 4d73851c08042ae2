using Vt.Blocks.Hashing;

namespace Vt.Volumes.Sync;

/// <summary>Finds out how two commits stand to each other.</summary>
/// <param name="read">Reads what is to be known of a commit.</param>
public sealed class HistoryComparison(Func<BlockHash, CancellationToken, ValueTask<HistoryLink>> read)
{
    const int Ours = 1;
    const int Theirs = 2;
    const int Both = Ours | Theirs;

    readonly Dictionary<BlockHash, (HistoryLink Link, int Sides)> _known = [];
    readonly PriorityQueue<BlockHash, (long Seconds, long Nanoseconds)> _queue = new();
    readonly HashSet<BlockHash> _waiting = [];

    // How many in the queue are reached from one side only.
    int _oneSided;

    /// <summary>
    /// Compares two commits: goes back from both, the newest first, until all that is left is reached from both. Where clocks went backwards the counts may be a little too
    /// large; whether one comes from the other is always right.
    /// </summary>
    /// <param name="ours">The one.</param>
    /// <param name="theirs">The other.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<BranchRelation> CompareAsync(BlockHash ours, BlockHash theirs, CancellationToken cancellationToken = default)
    {
        if (ours == theirs)
            return default;
        await ReachAsync(ours, Ours, cancellationToken);
        await ReachAsync(theirs, Theirs, cancellationToken);
        while (_oneSided > 0)
        {
            var id = _queue.Dequeue();
            var (link, sides) = _known[id];
            _waiting.Remove(id);
            _oneSided -= sides == Both ? 0 : 1;
            foreach (var parent in link.Parents)
                await ReachAsync(parent, sides, cancellationToken);
        }

        return new BranchRelation(_known.Values.LongCount(static known => known.Sides == Ours), _known.Values.LongCount(static known => known.Sides == Theirs));
    }

    // A commit that is reached from the other side too is gone back from once more, to tell all that it comes from.
    async ValueTask ReachAsync(BlockHash id, int sides, CancellationToken cancellationToken)
    {
        var isKnown = _known.TryGetValue(id, out var known);
        var all = known.Sides | sides;
        if (all == known.Sides)
            return;
        var link = isKnown ? known.Link : await read(id, cancellationToken);
        _known[id] = (link, all);
        if (!_waiting.Add(id))
        {
            _oneSided -= all == Both ? 1 : 0;
            return;
        }

        _oneSided += all == Both ? 0 : 1;
        _queue.Enqueue(id, (-link.When.Seconds, -(long)link.When.Nanoseconds));
    }
}
