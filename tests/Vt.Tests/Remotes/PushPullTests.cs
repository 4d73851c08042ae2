using System.Text.Json;
using Vt.Settings;
using Vt.Tests.Commands;

namespace Vt.Tests.Remotes;

public sealed class PushPullTests : IAsyncLifetime
{
    readonly TwoPlaces _places = new();

    public Task InitializeAsync() => _places.InitializeAsync();

    public Task DisposeAsync()
    {
        _places.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_volume_goes_and_is_cloned_and_comes_back()
    {
        var (here, there) = _places;
        var first = await here.CommitAsync("a", "1");
        await here.OkAsync("tag", "t1");
        await here.OkAsync("branch", "other");
        var said = await here.OkAsync("push");
        Assert.Contains("v@main  new", said, StringComparison.Ordinal);
        Assert.Contains("v@t1  new", said, StringComparison.Ordinal);
        Assert.Contains("v@other  new", said, StringComparison.Ordinal);
        Assert.Contains("v@main  up to date", await here.OkAsync("push", "there"), StringComparison.Ordinal);

        // What was pushed is a volume there, and another home makes it its own.
        Assert.Contains("v@main", await here.OkAsync("remote", "show", "there"), StringComparison.Ordinal);
        using var third = new VolumeRun();
        await third.OkAsync("init");
        await third.OkAsync("clone-remote", TwoPlaces.StoreOf(there));
        Assert.Equal(first, await third.HeadAsync());
        Assert.Equal("1", await third.OkAsync("cat", "v/a"));
        Assert.Contains("other", await third.OkAsync("branch"), StringComparison.Ordinal);

        var second = await third.CommitAsync("b", "2");
        await third.OkAsync("push", TwoPlaces.StoreOf(there), "v@main");
        var pulled = await here.OkAsync("pull", "there");
        Assert.Contains("v@main  moved on", pulled, StringComparison.Ordinal);
        Assert.Equal(second, await here.HeadAsync());
        Assert.Equal("2", await here.OkAsync("cat", "v/b"));
        Assert.Equal(second, await here.HeadAsync("there/main"));
    }

    [Fact]
    public async Task Histories_that_went_apart_are_refused_and_merged_as_is_said()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", "1");
        await here.OkAsync("push");
        await there.OkAsync("clone-remote", "here");
        var theirs = await there.CommitAsync("theirs", "2");
        await here.CommitAsync("ours", "3");
        var ours = await here.CommitAsync("ours", "4");

        Assert.Equal(ExitCode.Error, await here.RunAsync("-q", "push", "there"));
        Assert.Contains($"here is {ours[..12]} with 2 commits that there has not, there is {theirs[..12]} with 1 commit", here.Error, StringComparison.Ordinal);
        Assert.Contains("vt pull there v@main, then vt merge -V v -b main there/main", here.Error, StringComparison.Ordinal);
        Assert.Equal(theirs, await there.HeadAsync());

        Assert.Equal(ExitCode.Error, await here.RunAsync("-q", "pull", "there"));
        Assert.Contains("vt merge -V v -b main there/main", here.Error, StringComparison.Ordinal);
        Assert.Equal(ours, await here.HeadAsync());
        await here.OkAsync("merge", "-V", "v", "-b", "main", "there/main");
        await here.OkAsync("push", "there", "v@main");
        Assert.Equal(await here.HeadAsync(), await there.HeadAsync());
        Assert.Equal("4", await there.OkAsync("cat", "v@main/ours"));
        Assert.Equal("2", await here.OkAsync("cat", "v/theirs"));
    }

    [Fact]
    public async Task What_was_changed_here_is_not_committed_where_it_is_not()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", "1");
        await here.OkAsync("push");
        await here.ChangeAsync("b", "2");
        await here.FailsAsync("this machine's tree of v@main is not in", "-S", "[there]", "commit", "-V", "v", "-m", "leads nowhere");
        var second = (await here.OkAsync("commit", "-m", "2")).Trim();
        await here.OkAsync("push");
        Assert.Equal(second, (await here.OkAsync("-S", "[there]", "show", "--json", "v@main")).Split('"')[3]);

        // Nor where the commit is not that a tree is about to become.
        var origin = Assert.Single(Directory.GetFiles(here.Program.Home, "main.origin", SearchOption.AllDirectories));
        var note = await File.ReadAllTextAsync(origin);
        await File.WriteAllTextAsync(origin, $"{note}{new string('0', 63)}1.blake3 1.0\n");
        await here.FailsAsync("v@main, which is about to become 0000", "-S", "[there]", "commit", "-V", "v", "-m", "leads nowhere");
        await File.WriteAllTextAsync(origin, note);

        // What is in both may be worked with through either.
        Assert.Equal(ExitCode.Partial, await here.RunAsync("-S", "[there]", "commit", "-V", "v", "-m", "nothing"));
    }

    [Fact]
    public async Task A_forced_push_leaves_what_was_there_in_the_log()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", "1");
        await here.OkAsync("push");
        await there.OkAsync("clone-remote", "here");
        var theirs = await there.CommitAsync("theirs", "2");
        var ours = await here.CommitAsync("ours", "3");
        Assert.Contains($"forced  {theirs[..12]}..{ours[..12]}  {theirs[..12]} stays in the log there, as v@main@{{1}}", await here.OkAsync("push", "--force", "there"), StringComparison.Ordinal);
        Assert.Equal(ours, await there.HeadAsync());
        Assert.Equal(theirs, await there.HeadAsync("main@{1}"));
        Assert.Equal("2", await there.OkAsync("cat", "v@main@{1}/theirs"));

        // The other way round.
        await there.OkAsync("reset", "--hard", "HEAD");
        await there.OkAsync("-q", "export", "v", there.FolderOf());
        var again = await there.CommitAsync("theirs", "5");
        var mine = await here.CommitAsync("ours", "6");
        Assert.Contains("forced", await there.OkAsync("pull", "-f", "here"), StringComparison.Ordinal);
        Assert.Equal(mine, await there.HeadAsync());
        Assert.Equal(again, await there.HeadAsync("main@{1}"));
        Assert.Equal("6", await there.OkAsync("cat", "v/ours"));
    }

    [Fact]
    public async Task What_is_not_committed_is_never_taken_away_by_a_pull()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", "1");
        await there.OkAsync("clone-remote", "here");
        var before = await there.HeadAsync();
        var after = await here.CommitAsync("a", "2");
        await there.ChangeAsync("mine", "not yet");
        Assert.Equal(ExitCode.Error, await there.RunAsync("-q", "pull", "here"));
        Assert.Contains("changes that are not committed", there.Error, StringComparison.Ordinal);
        Assert.Equal(before, await there.HeadAsync());
        Assert.Equal("not yet", await there.OkAsync("cat", "v/mine"));
        Assert.Equal(after, await there.HeadAsync("here/main"));
        Assert.Contains("a", await there.OkAsync("log", "--oneline", "here/main"), StringComparison.Ordinal);
        Assert.Equal("2", await there.OkAsync("cat", "v@here/main/a"));
    }

    [Fact]
    public async Task Both_ways_at_once()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", "1");
        await here.BranchAsync("apart");
        await here.OkAsync("sync", "there");
        await there.OkAsync("clone-remote", "here");
        there.FolderOf();
        await there.BranchAsync("new");
        var theirs = await there.CommitAsync("n", "1", "new");
        var ours = await here.CommitAsync("m", "1");
        await here.CommitAsync("x", "1", "apart");
        Assert.Equal(ExitCode.Partial, await there.RunAsync("commit", "-b", "apart", "-m", "makes its tree"));
        await there.CommitAsync("x", "2", "apart");
        Assert.Equal(ExitCode.Error, await here.RunAsync("sync", "there"));
        Assert.Single(here.Error.Split('\n'), static line => line.Contains("v@apart: here is", StringComparison.Ordinal));
        Assert.Equal(theirs, await here.HeadAsync("new"));
        Assert.Equal(ours, await there.HeadAsync("main"));
    }

    [Fact]
    public async Task A_name_that_stands_for_another_volume_is_refused_with_a_way_out()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", "1");
        await there.OkAsync("volume", "init", "v");
        await here.FailsAsync("--as NAME", "-q", "push", "there");
        await here.FailsAsync("--as NAME", "-q", "pull", "there", "v", "-n");
        await here.OkAsync("push", "there", "--as", "w", "v");
        Assert.Equal(await here.HeadAsync(), await there.HeadAsync("w@main"));

        // Known by its id from then on.
        var next = await here.CommitAsync("a", "2");
        Assert.Contains("w@main  moved on", await here.OkAsync("push", "there", "v"), StringComparison.Ordinal);
        Assert.Equal(next, await there.HeadAsync("w@main"));
        using var third = new VolumeRun();
        await third.InitAsync();
        await third.FailsAsync("--as NAME", "-q", "clone-remote", TwoPlaces.StoreOf(here));
        await third.OkAsync("clone-remote", "--as", "u", TwoPlaces.StoreOf(here), "v");
        Assert.Equal(next, await third.HeadAsync("u@main"));
    }

    [Fact]
    public async Task A_dry_run_says_what_is_missing_and_moves_nothing()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", new string('x', 100_000), message: "large");
        await here.OkAsync("push", "-n", "--stats", "--json", "there");
        using var stats = JsonDocument.Parse(here.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.True(stats.RootElement.GetProperty("dry_run").GetBoolean());
        var (blocks, bytes) = (stats.RootElement.GetProperty("missing").GetInt64(), stats.RootElement.GetProperty("missing_bytes").GetInt64());
        Assert.Equal("", await here.OkAsync("remote", "show", "there"));
        await here.OkAsync("push", "--stats", "--json", "there");
        using var sent = JsonDocument.Parse(here.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.Equal((blocks, bytes), (sent.RootElement.GetProperty("sent_blocks").GetInt64(), sent.RootElement.GetProperty("sent_bytes").GetInt64()));
        await there.OkAsync("pull", "-n", "here", "v");
        Assert.Equal("v@main", (await there.OkAsync("remote", "show", "here")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2].Trim());
    }

    [Fact]
    public async Task Tags_that_stand_for_different_commits_are_refused()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", "1");
        await here.OkAsync("push");
        await there.OkAsync("clone-remote", "here");
        await here.OkAsync("tag", "t");
        await there.CommitAsync("a", "2");
        await there.OkAsync("tag", "t");
        Assert.Equal(ExitCode.Error, await here.RunAsync("-q", "push", "there", "v@t"));
        Assert.Contains("the tag stands for", here.Error, StringComparison.Ordinal);
        await here.OkAsync("pull", "there", "v@main");
        await here.OkAsync("pull", "-f", "there", "v@t");
        Assert.Equal(await there.HeadAsync("t"), await here.HeadAsync("t"));
    }

    [Fact]
    public async Task An_archive_goes_and_comes_with_all_its_states()
    {
        var (here, there) = _places;
        var archive = Path.Combine(here.Program.Here, "home.vt");
        var folder = here.FolderOf("files");
        for (var i = 0; i < 3; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "f"), $"{i}");
            await here.OkAsync("-q", "import", "--reread", folder, archive);
        }

        Assert.Contains("home.vt  new", await here.OkAsync("push", "there", "home.vt"), StringComparison.Ordinal);
        Assert.Contains("home.vt  up to date", await here.OkAsync("push", "there", "home.vt"), StringComparison.Ordinal);
        using var third = new VolumeRun();
        await third.OkAsync("init");
        Assert.Contains("home.vt  new", await third.OkAsync("pull", TwoPlaces.StoreOf(there), "home"), StringComparison.Ordinal);
        var copy = Path.Combine(third.Program.Home, ".local/share/vt/home.vt");
        Assert.Equal(await File.ReadAllTextAsync(archive), await File.ReadAllTextAsync(copy));
        Assert.Equal("2", await third.OkAsync("cat", copy + "/f"));
        Assert.Contains("0 faults", await RunErrorAsync(third, "fsck", "--all", copy), StringComparison.Ordinal);

        // What is added to the copy comes back, behind what is there.
        await File.WriteAllTextAsync(Path.Combine(folder, "f"), "3");
        await third.OkAsync("-q", "import", "--reread", folder, copy);
        await third.OkAsync("push", TwoPlaces.StoreOf(there), copy);
        Assert.Contains("behind", await here.OkAsync("push", "there", "home.vt"), StringComparison.Ordinal);
        Assert.Contains("home.vt  moved on", await here.OkAsync("pull", "there", "home"), StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllTextAsync(copy), await File.ReadAllTextAsync(archive));

        // Two that each go on for themselves are told apart.
        await File.WriteAllTextAsync(Path.Combine(folder, "f"), "4");
        await here.OkAsync("-q", "import", "--reread", folder, archive);
        await File.WriteAllTextAsync(Path.Combine(folder, "f"), "5");
        await third.OkAsync("-q", "import", "--reread", folder, copy);
        await here.OkAsync("push", "there", "home.vt");
        Assert.Equal(ExitCode.Error, await third.RunAsync("-q", "push", TwoPlaces.StoreOf(there), copy));
        Assert.Contains("an archive only grows", third.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Error, await third.RunAsync("-q", "pull", TwoPlaces.StoreOf(there), "home"));
        Assert.Contains("1 state that", third.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_goes_by_its_text_and_is_checked_to_the_last_block()
    {
        var (here, there) = _places;
        await here.CommitAsync("d/a", "1");
        await here.OkAsync("-q", "import", here.FolderOf(), Path.Combine(here.Program.Here, "x.vt"));
        var text = (await here.OkAsync("push", "--verify", "there", "x.vt/d")).Split("  ")[0];
        Assert.StartsWith("D{", text, StringComparison.Ordinal);
        Assert.Equal("1", await there.OkAsync("cat", text + "/a"));
        await there.OkAsync("pull", "here", text);
    }

    [Fact]
    public async Task Everything_goes_at_once()
    {
        var (here, there) = _places;
        await here.CommitAsync("a", "1");
        await here.OkAsync("volume", "init", "w");
        await here.OkAsync("-q", "import", here.FolderOf(), Path.Combine(here.Program.Here, "x.vt"));
        var said = await here.OkAsync("push", "--all", "there");
        Assert.Contains("v@main  new", said, StringComparison.Ordinal);
        Assert.Contains("w@main  new", said, StringComparison.Ordinal);
        Assert.Contains("x.vt  new", said, StringComparison.Ordinal);
        Assert.DoesNotContain("main.vt", said, StringComparison.Ordinal);
        using var third = new VolumeRun();
        await third.OkAsync("init");
        await third.OkAsync("clone-remote", "--archives", TwoPlaces.StoreOf(there));
        Assert.Equal("1", await third.OkAsync("cat", "v@main/a"));
        Assert.Equal("1", await third.OkAsync("cat", Path.Combine(third.Program.Home, ".local/share/vt/x.vt/a")));
    }

    [Fact]
    public async Task A_remote_is_chosen_or_named_and_what_is_none_is_said()
    {
        var here = _places.Here;
        await here.FailsAsync("there is no remote 'nowhere': the configuration has there", "-q", "push", "nowhere");
        await here.FailsAsync("the store itself", "-q", "push", "[default]");
        await here.FailsAsync("there is no volume, branch, tag or archive 'nothing' here", "-q", "push", "there", "nothing");
        await here.FailsAsync("there is no branch or tag 'nothing' in v", "-q", "push", "there", "v@nothing");
        await here.FailsAsync("there has not got volume v", "-q", "pull", "there");
        Assert.Contains("* there", await here.OkAsync("remote", "list"), StringComparison.Ordinal);
        Assert.Contains("can be reached", await here.OkAsync("remote", "list", "--check"), StringComparison.Ordinal);
        File.AppendAllText(Path.Combine(here.Program.Home, ".vtrc"), "\n[far]\ntype = datadir\npath = /nowhere/at/all\n");
        await here.FailsAsync("several remotes are known: there, far", "-q", "push");
        Assert.Equal(ExitCode.Partial, await here.RunAsync("remote", "list", "--check", "--json"));
        here.Program["VT_REMOTE"] = "there";
        await here.OkAsync("push", "-", "v");
        Assert.Contains("* there", await here.OkAsync("remote", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stores_that_name_blocks_differently_are_refused()
    {
        var other = Path.Combine(_places.Here.Program.Here, "other");
        await _places.There.OkAsync("-S", other, "-h", "sha256", "init");
        await _places.Here.FailsAsync("names blocks by blake3", "-q", "push", other);
    }

    static async Task<string> RunErrorAsync(VolumeRun run, params string[] arguments)
    {
        await run.OkAsync(arguments);
        return run.Error;
    }
}
