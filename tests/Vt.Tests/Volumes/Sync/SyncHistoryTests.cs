using Vt.Blocks.Hashing;
using Vt.Stores.Memory;
using Vt.Tests.Trees;
using Vt.Trees.Dirents;
using Vt.Trees.Sync;
using Vt.Volumes.Commits;
using Vt.Volumes.Sync;
using CountingStore = Vt.Stores.Faults.CountingStore;

namespace Vt.Tests.Volumes.Sync;

public sealed class SyncHistoryTests
{
    readonly ManualClock _clock = new();
    readonly MemoryStore _store = new();
    readonly CommitStore _commits;

    public SyncHistoryTests() => _commits = new CommitStore(_store);

    [Fact]
    public async Task How_two_commits_stand_to_each_other_is_what_their_histories_say()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var made = new List<BlockHash>();
            for (var i = 0; i < 25; i++)
            {
                // Clocks go backwards now and then.
                _clock.Now += TimeSpan.FromSeconds(random.Next(1, 100));
                made.Add(await CommitAsync(i, [.. Enumerable.Range(0, Math.Min(i, random.Next(3))).Select(_ => made[random.Next(made.Count)]).Distinct()]));
            }

            var (one, other) = (made[random.Next(made.Count)], made[random.Next(made.Count)]);
            var (ofOne, ofOther) = (await ReachAsync(one), await ReachAsync(other));
            var relation = await CompareAsync(one, other);
            Assert.Equal((ofOne.Except(ofOther).Count(), ofOther.Except(ofOne).Count()), (relation.Ahead, relation.Behind));
        }
    }

    [Fact]
    public async Task Commits_by_clocks_that_went_backwards_are_still_found_to_come_from_each_other()
    {
        var first = await CommitAsync(1, []);
        var tip = first;
        for (var i = 0; i < 30; i++)
        {
            _clock.Now += TimeSpan.FromSeconds(i % 3 == 0 ? 500 : -400);
            tip = await CommitAsync(2 + i, [tip]);
        }

        Assert.Equal(new BranchRelation(30, 0), await CompareAsync(tip, first));
        Assert.Equal(new BranchRelation(0, 30), await CompareAsync(first, tip));
        Assert.False((await CompareAsync(tip, tip)).IsDiverged);
    }

    [Fact]
    public async Task A_long_history_is_found_with_few_questions_and_comes_parents_first()
    {
        var tips = new List<BlockHash>();
        for (var i = 0; i < 3000; i++)
            tips.Add(await CommitAsync(i, i == 0 ? [] : [tips[^1]]));
        var target = new MemoryStore();
        var half = await new MissingHistory(_store, target, isSourceNear: true).FindAsync([tips[1499]]);
        await new CommitTransfer(_store, target, new TransferOptions()).RunAsync(half.Select(static commit => commit.Id));

        // The target is far away.
        await using var asked = new CountingStore(target);
        var missing = await new MissingHistory(_store, asked, isSourceNear: true).FindAsync([tips[^1]]);
        Assert.Equal(tips[1500..], missing.Select(static commit => commit.Id));
        Assert.InRange(asked.Calls, 1, 8);

        // The source is.
        await using var read = new CountingStore(_store);
        missing = await new MissingHistory(read, target, isSourceNear: false).FindAsync([tips[^1]], _ => Task.FromResult<IReadOnlyList<BlockHash>>(tips));
        Assert.Equal(tips[1500..], missing.Select(static commit => commit.Id));
        Assert.InRange(read.Calls, 1, 30);
        Assert.Empty(await new MissingHistory(read, target, isSourceNear: false).FindAsync([tips[1499]]));
    }

    [Fact]
    public async Task One_commit_more_costs_one_question_of_few_names()
    {
        var tips = new List<BlockHash>();
        for (var i = 0; i < 200; i++)
            tips.Add(await CommitAsync(i, i == 0 ? [] : [tips[^1]]));
        var target = new MemoryStore();
        await new CommitTransfer(_store, target, new TransferOptions()).RunAsync([tips[^2]]);
        await using var asked = new CountingStore(target);
        Assert.Equal([tips[^1]], (await new MissingHistory(_store, asked, isSourceNear: true).FindAsync([tips[^1]])).Select(static commit => commit.Id));
        Assert.Equal(1, asked.Calls);
        Assert.InRange(asked.Asked, 1, 16);
    }

    ValueTask<BranchRelation> CompareAsync(BlockHash one, BlockHash other) => new HistoryComparison(async (id, cancellationToken) =>
    {
        var commit = await _commits.ReadAsync(id, cancellationToken);
        return new HistoryLink(commit.Parents, commit.Committer.When);
    }).CompareAsync(one, other);

    async Task<HashSet<BlockHash>> ReachAsync(BlockHash tip)
    {
        var reached = new HashSet<BlockHash>();
        await foreach (var (id, _) in new CommitWalk(_commits).WalkAsync([tip]))
            reached.Add(id);
        return reached;
    }

    async Task<BlockHash> CommitAsync(int number, BlockHash[] parents) =>
        await _commits.AddAsync(VolumeSamples.Of(new Dirent { Kind = DirentKind.Directory }, $"commit {number}", _clock, parents));
}
