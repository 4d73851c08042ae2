using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Memory;
using Vt.Tests.Trees;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Tests.Volumes;

public sealed class VolumeTests : IAsyncLifetime
{
    readonly ManualClock _clock = new();
    readonly MemoryStore _store;
    readonly VolumeCatalog _catalog;
    Volume _volume = null!;

    public VolumeTests()
    {
        _store = new MemoryStore(time: _clock);
        _catalog = new VolumeCatalog(_store);
    }

    public async Task InitializeAsync() => _volume = await _catalog.CreateAsync("frob_mysql", "main");

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_new_volume_has_one_branch_without_commits()
    {
        Assert.Equal(["main"], await AllAsync(_volume.ListBranchesAsync()));
        Assert.Empty(await AllAsync(_volume.ListTagsAsync()));
        Assert.Null(await _volume.ReadTipAsync("main"));
        Assert.Empty(await _volume.ListStartsAsync());
    }

    [Fact]
    public async Task Volumes_are_found_and_listed_by_name()
    {
        await _catalog.CreateAsync("b", "main");
        await _catalog.CreateAsync("a.b", "master");
        Assert.Equal(["a.b", "b", "frob_mysql"], (await AllAsync(_catalog.ListAsync())).Select(v => v.Name));
        Assert.Equal(_volume.Id, (await _catalog.FindAsync("frob_mysql")).Id);
        Assert.Null(await _catalog.TryFindAsync("c"));
        await FailsAsync("no volume 'c'", async () => await _catalog.FindAsync("c"));
        await FailsAsync("already", async () => await _catalog.CreateAsync("b", "main"));
    }

    [Theory]
    [InlineData("frob_mysql", true)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("a", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("-x", false)]
    [InlineData("a@b", false)]
    [InlineData("a^b", false)]
    [InlineData("a b", false)]
    [InlineData("é", false)]
    [InlineData("home.vt", false)]
    public void Names_of_volumes_can_be_typed_anywhere(string name, bool isOne) => Assert.Equal(isOne, VolumeNames.FaultOfVolume(name) is null);

    [Theory]
    [InlineData("main", true)]
    [InlineData("feature/new-one_2.0", true)]
    [InlineData("HEAD", false)]
    [InlineData("a//b", false)]
    [InlineData("/a", false)]
    [InlineData("a..b", false)]
    [InlineData("-a", false)]
    [InlineData("a/.b", false)]
    [InlineData("a@{1}", false)]
    [InlineData("a~1", false)]
    public void Names_of_branches_can_be_typed_in_revisions(string name, bool isOne) => Assert.Equal(isOne, VolumeNames.FaultOfBranch(name) is null);

    [Fact]
    public async Task Another_name_is_the_same_volume()
    {
        var id = await CommitAsync("main", "one");
        var renamed = await _catalog.RenameAsync(_volume, "other");
        Assert.Equal(_volume.Id, renamed.Id);
        Assert.Equal(id, await renamed.ReadTipAsync("main"));
        Assert.Null(await _catalog.TryFindAsync("frob_mysql"));
        await _catalog.CreateAsync("third", "main");
        await FailsAsync("already", async () => await _catalog.RenameAsync(renamed, "third"));
        await FailsAsync("already", async () => await _catalog.RenameAsync(renamed, "other"));
    }

    [Fact]
    public async Task A_volume_that_was_removed_can_be_brought_back()
    {
        var id = await CommitAsync("main", "one");
        await _catalog.RemoveAsync(_volume);
        Assert.Empty(await AllAsync(_catalog.ListAsync()));
        await FailsAsync("no volume any more", async () => await _catalog.RemoveAsync(_volume));
        await FailsAsync("never", async () => await _catalog.RestoreAsync("nobody"));
        var back = await _catalog.RestoreAsync("frob_mysql");
        Assert.Equal(id, await back.ReadTipAsync("main"));
        await FailsAsync("already", async () => await _catalog.RestoreAsync("frob_mysql"));
    }

    [Fact]
    public async Task Each_commit_has_the_one_before_as_its_parent_and_the_branch_remembers_them()
    {
        var one = await CommitAsync("main", "one\nand why");
        var two = await CommitAsync("main", "two");
        Assert.Equal([one], (await _volume.Commits.ReadAsync(two)).Parents);
        Assert.Equal(two, await _volume.ReadTipAsync("main"));
        var movements = await AllAsync(_volume.ReadMovementsAsync("main"));
        Assert.Equal([null, one, two], movements.Select(m => m.Commit));
        Assert.Equal(["volume made", "commit (initial): one", "commit: two"], movements.Select(m => m.Note));
    }

    [Fact]
    public async Task Commits_of_eight_writers_at_once_are_all_there_one_after_another()
    {
        const int writers = 8, each = 12;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
                await CommitAsync("main", $"{writer}.{i}");
        })));
        var messages = new List<string>();
        for (var at = await _volume.ReadTipAsync("main"); at is { } id;)
        {
            var commit = await _volume.Commits.ReadAsync(id);
            messages.Add(Volume.FirstLine(commit));
            at = commit.Parents.Count == 0 ? null : Assert.Single(commit.Parents);
        }

        messages.Reverse();
        Assert.Equal(writers * each, messages.Count);
        for (var writer = 0; writer < writers; writer++)
            Assert.Equal(Enumerable.Range(0, each).Select(i => $"{writer}.{i}"), messages.Where(m => m.StartsWith($"{writer}.", StringComparison.Ordinal)));
        Assert.Equal(1 + (writers * each), (await AllAsync(_volume.ReadMovementsAsync("main"))).Count);
    }

    [Fact]
    public async Task A_branch_moves_only_from_where_it_is_thought_to_be()
    {
        var one = await CommitAsync("main", "one");
        var two = await CommitAsync("main", "two");
        Assert.False(await _volume.TryMoveAsync("main", one, null, "no"));
        Assert.True(await _volume.TryMoveAsync("main", two, one, "reset: moving to HEAD^"));
        Assert.Equal(one, await _volume.ReadTipAsync("main"));
    }

    [Fact]
    public async Task The_last_branch_stays()
    {
        var one = await CommitAsync("main", "one");
        await FailsAsync("last branch", async () => await _volume.RemoveBranchAsync("main", "no"));
        await _volume.CreateBranchAsync("beta", one, "branch: from main");
        await FailsAsync("already", async () => await _volume.CreateBranchAsync("beta", one, "no"));
        await _volume.RemoveBranchAsync("main", "not needed");
        Assert.Equal(["beta"], await AllAsync(_volume.ListBranchesAsync()));
        await FailsAsync("last branch", async () => await _volume.RemoveBranchAsync("beta", "no"));
        await FailsAsync("no branch 'main'", async () => await _volume.RemoveBranchAsync("main", "no"));
        await FailsAsync("no branch 'main'", async () => await _volume.ReadTipAsync("main"));
        Assert.Contains(await AllAsync(_volume.ReadMovementsAsync("main")), m => m.Commit == one);
    }

    [Fact]
    public async Task Two_who_remove_the_last_two_branches_at_once_leave_one()
    {
        for (var round = 0; round < 50; round++)
        {
            var volume = await _catalog.CreateAsync($"v{round}", "a");
            await volume.CreateBranchAsync("b", null, "second");
            await Task.WhenAll(new[] { "a", "b" }.Select(branch => Task.Run(async () =>
            {
                try
                {
                    await volume.RemoveBranchAsync(branch, "remove");
                }
                catch (UserErrorException)
                {
                    // The other one went first.
                }
            })));
            Assert.NotEmpty(await AllAsync(volume.ListBranchesAsync()));
        }
    }

    [Fact]
    public async Task Tags_stand_for_one_commit_unless_they_are_moved()
    {
        var (one, two) = (await CommitAsync("main", "one"), await CommitAsync("main", "two"));
        await _volume.SetTagAsync("v1", one, mayMove: false, "tag");
        Assert.Equal(one, await _volume.ReadTagAsync("v1"));
        await FailsAsync("already", async () => await _volume.SetTagAsync("v1", two, mayMove: false, "tag"));
        await _volume.SetTagAsync("v1", two, mayMove: true, "tag");
        Assert.Equal(two, await _volume.ReadTagAsync("v1"));
        await _volume.SetTagAsync("v1", null, mayMove: true, "not needed");
        Assert.Null(await _volume.ReadTagAsync("v1"));
        await FailsAsync("no tag", async () => await _volume.SetTagAsync("v1", null, mayMove: true, "no"));
        Assert.Equal([one, two, null], (await AllAsync(_volume.ReadTagMovementsAsync("v1"))).Select(m => m.Commit));
    }

    [Fact]
    public async Task Whatever_a_branch_ever_stood_for_is_still_reached()
    {
        var (one, two) = (await CommitAsync("main", "one"), await CommitAsync("main", "two"));
        Assert.True(await _volume.TryMoveAsync("main", two, one, "reset"));
        Assert.Equal(new HashSet<BlockHash> { one, two }, (await _volume.ListStartsAsync()).ToHashSet());
    }

    [Fact]
    public async Task What_a_removed_branch_ever_stood_for_is_still_reached()
    {
        var one = await CommitAsync("main", "one");
        await _volume.CreateBranchAsync("side", one, "branch");
        var (two, three) = (await CommitAsync("side", "two"), await CommitAsync("side", "three"));
        Assert.True(await _volume.TryMoveAsync("side", three, two, "reset"));
        await _volume.RemoveBranchAsync("side", "not needed");
        Assert.Equal(new HashSet<BlockHash> { one, two, three }, (await _volume.ListStartsAsync()).ToHashSet());
        await _volume.CreateBranchAsync("side", one, "again");
        await _volume.RemoveBranchAsync("side", "not needed again");
        Assert.Contains(three, await _volume.ListStartsAsync());
    }

    [Fact]
    public async Task Histories_are_walked_from_the_newest_and_merges_start_where_they_parted()
    {
        var walk = new CommitWalk(_volume.Commits);
        var one = await CommitAsync("main", "one");
        var two = await CommitAsync("main", "two");
        await _volume.CreateBranchAsync("side", one, "branch");
        var aside = await CommitAsync("side", "aside");
        Assert.Equal([one], await walk.FindMergeBasesAsync(two, aside));
        Assert.Equal([one], await walk.FindMergeBasesAsync(one, aside));
        Assert.True(await walk.IsAncestorAsync(one, aside));
        Assert.False(await walk.IsAncestorAsync(two, aside));
        _clock.Now += TimeSpan.FromMinutes(1);
        var merged = await _volume.Commits.AddAsync(VolumeSamples.Of(Tree("m"), "merged", _clock, two, aside));
        Assert.Equal([merged, aside, two, one], (await AllAsync(walk.WalkAsync([merged]))).Select(c => c.Id));
        Assert.Equal([aside], await walk.FindMergeBasesAsync(merged, aside));
    }

    async Task<BlockHash> CommitAsync(string branch, string message)
    {
        lock (_clock)
            _clock.Now += TimeSpan.FromMinutes(1);
        return (await _volume.CommitAsync(
            branch, (tip, _) => ValueTask.FromResult<Commit?>(VolumeSamples.Of(Tree(message), message, _clock, tip is { } parent ? [parent] : []))))!.Value;
    }

    static Dirent Tree(string text) => new() { Kind = DirentKind.Directory, Content = Vt.Blocks.BlockTree.BlockRef.Literal(System.Text.Encoding.UTF8.GetBytes(text)) };

    static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items)
            all.Add(item);
        return all;
    }

    static async Task FailsAsync(string why, Func<Task> act) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<UserErrorException>(act)).Message, StringComparison.Ordinal);
}
