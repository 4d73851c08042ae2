namespace Vt.Tests.Commands;

/// <summary>vt log of volumes, and which commits it shows.</summary>
public sealed class LogCommandTests : IAsyncLifetime
{
    readonly VolumeRun _run = new();

    public Task InitializeAsync() => _run.InitAsync();

    public Task DisposeAsync()
    {
        _run.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task The_history_is_drawn_with_its_branches_and_merges()
    {
        await _run.CommitAsync("a", "1");
        await _run.BranchAsync("side");
        await _run.CommitAsync("b", "1", "side");
        await _run.CommitAsync("c", "1");
        await _run.OkAsync("merge", "side", "-m", "together");
        Assert.Equal(
            """
            *   ID (HEAD -> main) together
            |\
            | * ID (side) b is 1
            * | ID c is 1
            |/
            * ID a is 1
            * ID Make volume v

            """,
            await GraphAsync());

        // Of commits that are left out the drawing goes on to the next one.
        Assert.Equal("* ID (side) b is 1\n* ID a is 1\n", await NamesAsync("log", "--graph", "--oneline", "--", "a", "b"));
        Assert.Equal("*   ID (HEAD -> main) together\n|\\\n", Names(await _run.OkAsync("log", "--graph", "--oneline", "-n", "1")));
        Assert.Contains("|\\  Merge:  ", await _run.OkAsync("log", "--graph", "-n", "1"), StringComparison.Ordinal);
        await _run.FailsAsync("leave --reverse and --json out", "log", "--graph", "--json");
    }

    [Fact]
    public async Task Commits_are_listed_that_changed_a_path()
    {
        await _run.CommitAsync("a", "1");
        await _run.CommitAsync("d/b", "1");
        await _run.CommitAsync("d/c", "1");
        await _run.CommitAsync("a", "2");
        await _run.CommitAsync("d/b", null);
        Assert.Equal("a is 2|a is 1", await MessagesAsync("log", "--oneline", "HEAD", "a"));
        Assert.Equal("a is 2|a is 1", await MessagesAsync("log", "--oneline", "--", "/a"));
        Assert.Equal("d/b is gone|d/c is 1|d/b is 1", await MessagesAsync("log", "--oneline", "--", "d"));
        Assert.Equal("d/c is 1|d/b is 1", await MessagesAsync("log", "--oneline", "HEAD^", "--", "d/"));
        Assert.Equal("d/b is gone|a is 2|d/b is 1|a is 1", await MessagesAsync("log", "--oneline", "--", "d/b", "a"));
        Assert.Equal("a is 1|a is 2", await MessagesAsync("log", "--oneline", "-r", "--", "a"));
        Assert.Equal("", await MessagesAsync("log", "--oneline", "--", "nothing", "d/b/nothing"));
        await _run.FailsAsync("no branch, tag or commit 'a'", "log", "a");
        await _run.FailsAsync("are for volumes", "log", _run.ArchiveOf(), "a");
    }

    [Fact]
    public async Task All_branches_and_tags_are_begun_with()
    {
        await _run.CommitAsync("a", "1");
        await _run.BranchAsync("side");
        await _run.CommitAsync("b", "1", "side");
        await _run.CommitAsync("c", "1");
        await _run.OkAsync("tag", "kept");
        await _run.OkAsync("reset", "--hard", "HEAD^");
        Assert.Equal(["Make volume v", "a is 1"], (await MessagesAsync("log", "--oneline")).Split('|').Order());
        Assert.Equal(["Make volume v", "a is 1", "b is 1", "c is 1"], (await MessagesAsync("log", "--oneline", "--all")).Split('|').Order());
        await _run.FailsAsync("say one of them", "log", "--all", "side");
    }

    Task<string> GraphAsync() => NamesAsync("log", "--graph", "--oneline");

    async Task<string> NamesAsync(params string[] arguments) => Names(await _run.OkAsync(arguments));

    static string Names(string text) => System.Text.RegularExpressions.Regex.Replace(text, "[0-9a-f]{12}", "ID");

    async Task<string> MessagesAsync(params string[] arguments) =>
        string.Join('|', Names(await _run.OkAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => System.Text.RegularExpressions.Regex.Replace(line, @"^ID ([(].*[)] )?", "")));
}
