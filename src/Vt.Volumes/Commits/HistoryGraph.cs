using Vt.Blocks.Hashing;

namespace Vt.Volumes.Commits;

/// <summary>Orders chosen commits of a history so that none comes before what came of it, and says which of them each leads to.</summary>
/// <remarks>Memory: names and parents of every commit that is reached.</remarks>
/// <param name="commits">The commits.</param>
public sealed class HistoryGraph(CommitStore commits)
{
    /// <summary>The chosen commits, each before its parents, and lines of history one after another rather than mixed.</summary>
    /// <param name="starts">Where to begin.</param>
    /// <param name="isChosen">Whether a commit is wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each with its nearest ancestors that are chosen too, in the order of its parents.</returns>
    public async ValueTask<IReadOnlyList<(BlockHash Id, IReadOnlyList<BlockHash> Parents)>> FindAsync(
        IEnumerable<BlockHash> starts, Func<Commit, CancellationToken, ValueTask<bool>> isChosen, CancellationToken cancellationToken = default)
    {
        var parents = new Dictionary<BlockHash, IReadOnlyList<BlockHash>>();
        var newestFirst = new List<BlockHash>();
        var chosen = new HashSet<BlockHash>();
        await foreach (var (id, commit) in new CommitWalk(commits).WalkAsync(starts, cancellationToken))
        {
            parents.Add(id, commit.Parents);
            newestFirst.Add(id);
            if (await isChosen(commit, cancellationToken))
                chosen.Add(id);
        }

        var ordered = Order(newestFirst, parents);
        var nearest = Nearest(ordered, parents, chosen);
        return [.. ordered.Where(chosen.Contains).Select(id => (id, Distinct(parents[id].SelectMany(parent => nearest[parent]))))];
    }

    // Depth first from the last parent, as git's topological order, so that what was merged stands below its merge.
    static List<BlockHash> Order(List<BlockHash> newestFirst, Dictionary<BlockHash, IReadOnlyList<BlockHash>> parents)
    {
        var children = newestFirst.ToDictionary(static id => id, static _ => 0);
        foreach (var parent in parents.Values.SelectMany(static all => all))
            children[parent]++;
        var ready = new Stack<BlockHash>(Enumerable.Reverse(newestFirst).Where(id => children[id] == 0));
        var ordered = new List<BlockHash>(newestFirst.Count);
        while (ready.TryPop(out var id))
        {
            ordered.Add(id);
            foreach (var parent in parents[id])
            {
                if (--children[parent] == 0)
                    ready.Push(parent);
            }
        }

        return ordered;
    }

    static Dictionary<BlockHash, IReadOnlyList<BlockHash>> Nearest(
        List<BlockHash> ordered, Dictionary<BlockHash, IReadOnlyList<BlockHash>> parents, HashSet<BlockHash> chosen)
    {
        var nearest = new Dictionary<BlockHash, IReadOnlyList<BlockHash>>();
        foreach (var id in Enumerable.Reverse(ordered))
            nearest[id] = chosen.Contains(id) ? [id] : Distinct(parents[id].SelectMany(parent => nearest[parent]));
        return nearest;
    }

    static IReadOnlyList<BlockHash> Distinct(IEnumerable<BlockHash> ids) => [.. ids.Distinct()];
}
