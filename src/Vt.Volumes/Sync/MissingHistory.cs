using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Volumes.Commits;

namespace Vt.Volumes.Sync;

/// <summary>Finds the commits that one store has and another has not, with few questions to whichever is far away.</summary>
/// <remarks>
/// Where the target is far, the source's history is read ahead, and the target asked about many commits at once. Where the source is far, commits of long lines would each cost
/// a question: after some rounds the logs of the branches say what else is likely to come. Memory: some 200 bytes for each commit that is missing.
/// </remarks>
/// <param name="source">Has them.</param>
/// <param name="target">May not have them.</param>
/// <param name="isSourceNear">Whether it is the source of which questions cost little.</param>
public sealed class MissingHistory(IBlockStore source, IBlockStore target, bool isSourceNear)
{
    const int AskedAtOnce = 1024;
    const int FirstAhead = 16;
    const int ReadAtOnce = 256;
    const int RoundsWithoutHints = 16;

    // What was read of the source, and what the target said, as far as it was asked.
    readonly Dictionary<BlockHash, HistoryLink> _read = [];
    readonly Dictionary<BlockHash, bool> _present = [];

    // Most often few commits are missing, and names on the line cost something too.
    int _ahead = FirstAhead;

    /// <summary>Finds them.</summary>
    /// <param name="starts">Where the histories begin, newest first.</param>
    /// <param name="hints">Names commits that are likely among them; asked for once where the way is long, or not at all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each commit once, none before one that it comes from.</returns>
    /// <exception cref="BlockMissingException">The source lacks one.</exception>
    public async Task<IReadOnlyList<(BlockHash Id, HistoryLink Link)>> FindAsync(
        IReadOnlyCollection<BlockHash> starts, Func<CancellationToken, Task<IReadOnlyList<BlockHash>>>? hints = null, CancellationToken cancellationToken = default)
    {
        var missing = new Dictionary<BlockHash, HistoryLink>();
        var next = starts.Distinct().ToList();
        for (var rounds = 0; next.Count > 0; rounds++)
        {
            if (rounds == RoundsWithoutHints && hints is not null && !isSourceNear)
                await ReadAsync(await AskAsync(await hints(cancellationToken), cancellationToken), cancellationToken);
            if (isSourceNear)
                await ReadAheadAsync(next, cancellationToken);
            else
                await ReadAsync(await AskAsync(next, cancellationToken), cancellationToken);
            next = Walk(next, missing);
        }

        return Order(starts, missing);
    }

    // As far as it is known, and then what is to be asked about.
    List<BlockHash> Walk(List<BlockHash> starts, Dictionary<BlockHash, HistoryLink> missing)
    {
        var unknown = new HashSet<BlockHash>();
        var waiting = new Stack<BlockHash>(starts);
        while (waiting.TryPop(out var id))
        {
            if (missing.ContainsKey(id))
                continue;
            if (!_present.TryGetValue(id, out var isPresent) || (!IsSettled(isPresent) && !_read.ContainsKey(id)))
            {
                unknown.Add(id);
                continue;
            }

            if (IsSettled(isPresent))
                continue;
            missing.Add(id, _read[id]);
            foreach (var parent in _read[id].Parents)
                waiting.Push(parent);
        }

        return [.. unknown];
    }

    // A commit that is there has all that it comes from, where the target promises that.
    bool IsSettled(bool isPresent) => isPresent && target.IsComplete;

    async Task ReadAheadAsync(List<BlockHash> starts, CancellationToken cancellationToken)
    {
        var ahead = new List<BlockHash>();
        var seen = new HashSet<BlockHash>();
        var level = starts;
        while (level.Count > 0 && ahead.Count < _ahead)
        {
            level = [.. level.Where(seen.Add)];
            ahead.AddRange(level);
            await ReadAsync(level, cancellationToken);
            level = [.. level.SelectMany(id => _read[id].Parents)];
        }

        _ahead = Math.Min(_ahead * 4, AskedAtOnce);
        await AskAsync(ahead, cancellationToken);
    }

    async Task<List<BlockHash>> AskAsync(IReadOnlyList<BlockHash> ids, CancellationToken cancellationToken)
    {
        foreach (var part in ids.Where(id => !_present.ContainsKey(id)).Distinct().Chunk(AskedAtOnce))
        {
            var present = new bool[part.Length];
            await target.ContainsManyAsync(part, present, cancellationToken);
            for (var i = 0; i < part.Length; i++)
                _present[part[i]] = present[i];
        }

        return [.. ids.Where(id => !IsSettled(_present[id]))];
    }

    async Task ReadAsync(IReadOnlyList<BlockHash> ids, CancellationToken cancellationToken)
    {
        foreach (var part in ids.Where(id => !_read.ContainsKey(id)).Distinct().Chunk(ReadAtOnce))
        {
            var leases = new BlockLease[part.Length];
            await source.GetManyAsync(part, leases, cancellationToken);
            try
            {
                for (var i = 0; i < part.Length; i++)
                    _read.Add(part[i], Decode(part[i], leases[i]));
            }
            finally
            {
                foreach (var lease in leases)
                    lease.Dispose();
            }
        }
    }

    HistoryLink Decode(BlockHash id, in BlockLease lease)
    {
        if (!lease.IsPresent)
            throw new BlockMissingException(id, source.Description);
        try
        {
            var commit = Commit.Decode(lease.Span);
            return new HistoryLink(commit.Parents, commit.Committer.When);
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In(id.ToString());
        }
    }

    static List<(BlockHash Id, HistoryLink Link)> Order(IReadOnlyCollection<BlockHash> starts, Dictionary<BlockHash, HistoryLink> missing)
    {
        var ordered = new List<(BlockHash Id, HistoryLink Link)>(missing.Count);
        var done = new HashSet<BlockHash>();
        var waiting = new Stack<(BlockHash Id, bool AreParentsDone)>(starts.Reverse().Select(static id => (id, false)));
        while (waiting.TryPop(out var next))
        {
            if (done.Contains(next.Id) || !missing.TryGetValue(next.Id, out var link))
                continue;
            if (next.AreParentsDone)
            {
                done.Add(next.Id);
                ordered.Add((next.Id, link));
                continue;
            }

            waiting.Push((next.Id, true));
            foreach (var parent in link.Parents)
                waiting.Push((parent, false));
        }

        return ordered;
    }
}
