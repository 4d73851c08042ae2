using System.Text.Json;
using Vt.Settings;
using Vt.Tests.Trees;

namespace Vt.Tests.Commands;

/// <summary>What is not committed, put aside and brought back.</summary>
public sealed class StashCommandTests : IAsyncLifetime
{
    readonly VolumeRun _run = new();

    public async Task InitializeAsync()
    {
        await _run.InitAsync();
        await _run.CommitAsync("a", "1");
    }

    public Task DisposeAsync()
    {
        _run.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_put_aside_leaves_the_last_commit_and_comes_back_as_it_was()
    {
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("stash", "push"));
        Assert.Contains("nothing has changed in v@main", _run.Error, StringComparison.Ordinal);
        await _run.ChangeAsync("d/new", "new");
        await _run.ChangeAsync("a", "2");
        var (head, changed) = (await _run.HeadAsync(), await RootAsync());
        var id = (await _run.OkAsync("stash", "push", "-m", "half done")).Trim();
        Assert.Equal("", await _run.OkAsync("status"));
        Assert.Equal(head, await _run.HeadAsync());
        Assert.Matches($"^0  {id[..12]}  [-0-9T:+]+  half done\n$", await _run.OkAsync("stash", "list"));
        Assert.Contains("A d/new\n", await _run.OkAsync("stash", "show"), StringComparison.Ordinal);
        Assert.Contains("\n-1\n\\ No newline at end of file\n+2\n", await _run.OkAsync("stash", "show", "-p", "0"), StringComparison.Ordinal);
        Assert.Equal("2", await _run.OkAsync("cat", $"{id[..12]}/a"));

        await _run.OkAsync("-q", "stash", "pop");
        Assert.Equal(changed, await RootAsync());
        Assert.Equal(head, await _run.HeadAsync());
        Assert.Equal("", await _run.OkAsync("stash", "list"));
        await _run.FailsAsync("nothing of v@main is stashed", "stash", "pop");
        Assert.Equal(id, await _run.HeadAsync(id[..12]));
    }

    [Fact]
    public void Any_tree_comes_back_whatever_was_committed_elsewhere_in_it() => Samples.ForAll(
        static random => random,
        random => CheckAsync(random).GetAwaiter().GetResult(),
        tests: 3);

    static async Task CheckAsync(Random random)
    {
        using var run = new VolumeRun();
        await run.InitAsync();
        foreach (var i in Enumerable.Range(0, 6))
            await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(run.FolderOf(), $"d{random.Next(3)}")).FullName, $"f{i}"), $"{random.Next()}");
        await run.CommitAsync("ours", "1");
        var files = Directory.GetFiles(run.FolderOf(), "f*", SearchOption.AllDirectories);
        foreach (var file in files.Where(_ => random.Next(2) == 0))
        {
            if (random.Next(3) == 0)
                File.Delete(file);
            else
                await File.WriteAllTextAsync(file, $"{random.Next()}");
        }

        await run.ChangeAsync($"new{random.Next(10)}/file", "new");
        var expected = await ContentAsync(run);
        await run.OkAsync("stash", "push");

        // What is committed meanwhile is in another folder.
        await run.OkAsync("-q", "export", "v", "between");
        await File.WriteAllTextAsync(Path.Combine(run.Program.Here, "between/ours"), "2");
        await run.OkAsync("-q", "import", "--reread", "--delete", "between", run.ArchiveOf());
        await run.OkAsync("commit", "-m", "between");
        await run.OkAsync("stash", "pop");
        Assert.Equal(expected.Replace("ours 1", "ours 2", StringComparison.Ordinal), await ContentAsync(run));
    }

    [Fact]
    public async Task Several_are_kept_and_each_is_found_by_its_number()
    {
        foreach (var content in (string[])["one", "two", "three"])
        {
            await _run.ChangeAsync(content, content);
            await _run.OkAsync("stash", "push", "-m", content);
            File.Delete(Path.Combine(_run.FolderOf(), content));
        }

        var rows = (await _run.OkAsync("stash", "list", "--json", "-V", "v", "-b", "main")).Trim().Split('\n').Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["0 three", "1 two", "2 one"], rows.Select(static row => $"{row.GetProperty("number")} {row.GetProperty("message")}"));
        Assert.Equal(rows[1].GetProperty("commit").GetString(), (await _run.OkAsync("stash", "drop", "1")).Trim());
        await _run.OkAsync("stash", "apply", "1");
        Assert.Equal("one", await _run.OkAsync("cat", "v/one"));
        await _run.FailsAsync("has changes that are not committed", "stash", "pop");
        await _run.OkAsync("commit", "-m", "one");
        await _run.OkAsync("stash", "pop");
        Assert.Equal("three", await _run.OkAsync("cat", "v/three"));
        Assert.Matches("^0 .* one\n$", await _run.OkAsync("stash", "list"));
        await _run.FailsAsync("has no stash 1: vt stash list shows the one there is", "stash", "show", "1");
        await _run.OkAsync("checkout", "-b", "other");
        Assert.Equal("", await _run.OkAsync("stash", "list"));
    }

    [Fact]
    public async Task Conflicts_lie_side_by_side_and_the_stash_stays()
    {
        await _run.ChangeAsync("a", "theirs");
        await _run.OkAsync("stash", "push");
        await _run.CommitAsync("a", "ours");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("stash", "pop"));
        Assert.Matches("^a: both changed its content; theirs is a.theirs-[0-9a-f]{8}\n$", _run.Output);
        Assert.Contains("the stash stays", _run.Error, StringComparison.Ordinal);
        Assert.Equal("ours", await _run.OkAsync("cat", "v/a"));
        var names = (await _run.OkAsync("ls", "v")).Split('\n');
        Assert.Equal("theirs", await _run.OkAsync("cat", $"v/{names[1]}"));
        Assert.NotEqual("", await _run.OkAsync("stash", "list"));
        await _run.OkAsync("reset", "--hard", "HEAD");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("stash", "apply", "--json"));
        Assert.Contains("\"conflict\":\"content\"", _run.Output, StringComparison.Ordinal);
    }

    static async Task<string> ContentAsync(VolumeRun run)
    {
        var names = (await run.OkAsync("ls", "-R", "v")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var content = new List<string>();
        foreach (var name in names)
            content.Add($"{name} {(await run.RunAsync("cat", $"v/{name}") == ExitCode.Ok ? run.Output : "")}");
        return string.Join('\n', content);
    }

    async Task<string> RootAsync() => (await _run.OkAsync("log", "-n", "1", _run.ArchiveOf())).Split("  ")[1];
}
