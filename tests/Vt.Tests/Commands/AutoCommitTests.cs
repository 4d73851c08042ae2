using System.Text.Json;
using Vt.Settings;
using Vt.Tests.Trees;

namespace Vt.Tests.Commands;

/// <summary>Automatic commits, once and again and again, and their thinning.</summary>
public sealed class AutoCommitTests : IAsyncLifetime
{
    readonly VolumeRun _run = new();
    readonly ManualClock _clock = new();

    public async Task InitializeAsync()
    {
        _run.Program.Clock = _clock;
        await _run.InitAsync();
        await _run.CommitAsync("a", "1");
    }

    public Task DisposeAsync()
    {
        _run.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_has_changed_is_kept_beside_the_branch_under_a_tag_of_its_moment()
    {
        var head = await _run.HeadAsync();
        Assert.Equal("", await _run.OkAsync("auto-commit", "--once"));
        await _run.ChangeAsync("a", "2");
        var line = await _run.OkAsync("auto-commit", "--once", "-m", "{volume} and {branch} at {date}");
        Assert.Matches("^[0-9a-f]{12} v@auto/main/2026-11-21T07-00-00Z\n$", line);
        Assert.Equal("", await _run.OkAsync("auto-commit", "--once", "v@main"));
        Assert.Equal(head, await _run.HeadAsync());
        Assert.Equal("auto/main/2026-11-21T07-00-00Z\n", await _run.OkAsync("tag"));
        Assert.Equal("2", await _run.OkAsync("cat", "v@auto/main/2026-11-21T07-00-00Z/a"));
        Assert.Equal("", await _run.OkAsync("diff", "auto/main/2026-11-21T07-00-00Z", "v"));
        using var json = JsonDocument.Parse(await _run.OkAsync("show", "--json", "auto/main/2026-11-21T07-00-00Z"));
        Assert.Equal(head, Assert.Single(json.RootElement.GetProperty("parents").EnumerateArray()).GetString());
        Assert.Equal("v and main at 2026-11-21T09:00:00+02:00", json.RootElement.GetProperty("message").GetString());
        Assert.Equal("main", json.RootElement.GetProperty("labels").GetProperty("auto").GetString());
        Assert.Equal("once", json.RootElement.GetProperty("provenance").GetProperty("auto-commit").GetString());
        Assert.True(json.RootElement.GetProperty("provenance").TryGetProperty("host", out _));

        // Of the same second each has a name of its own.
        await _run.ChangeAsync("a", "3");
        Assert.Contains("auto/main/2026-11-21T07-00-01Z", await _run.OkAsync("auto-commit", "--once", "v"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("commit", "-m", "by hand"));
        Assert.Equal("", await _run.OkAsync("auto-commit", "--once"));
    }

    [Fact]
    public async Task What_the_rules_do_not_keep_is_thinned_and_not_reached_any_more()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            await _run.ChangeAsync("a", $"number {i}");
            await _run.OkAsync("auto-commit", "--once", "--keep", "1h:1d");
            ids.Add(await _run.HeadAsync($"auto/main/{_clock.Now:yyyy-MM-dd'T'HH-mm-ss'Z'}"));
            _clock.Now += TimeSpan.FromMinutes(20);
        }

        Assert.Equal(["auto/main/2026-11-21T07-00-00Z", "auto/main/2026-11-21T08-00-00Z", "auto/main/2026-11-21T08-20-00Z"], Lines(await _run.OkAsync("tag")));
        await _run.FailsAsync("no branch, tag or commit", "show", "auto/main/2026-11-21T07-20-00Z");
        await _run.FailsAsync("no branch, tag or commit", "show", ids[1][..12]);
        Assert.Equal(ids[0], await _run.HeadAsync(ids[0][..12]));
        await _run.OkAsync("tag", "-d", "auto/main/2026-11-21T07-00-00Z");
        await _run.FailsAsync("no branch, tag or commit", "show", ids[0][..12]);
        await _run.FailsAsync("are for vt auto-commit", "tag", "auto/mine");

        // Other tags and branches are none of its business.
        await _run.OkAsync("tag", "mine", ids[4]);
        _clock.Now += TimeSpan.FromDays(10);
        await _run.OkAsync("auto-commit", "--once", "--keep", "1h:1d");
        Assert.Equal(["auto/main/2026-11-21T08-20-00Z", "mine"], Lines(await _run.OkAsync("tag")));
    }

    [Fact]
    public async Task One_branch_that_fails_does_not_keep_the_others_from_being_committed()
    {
        await _run.ChangeAsync("a", "2");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("auto-commit", "--once", "nobody", "v@nothing", "v@main"));
        Assert.Equal(["vt: nobody: there is no volume 'nobody'", "vt: v@nothing: there is no branch 'nothing' in v"], Lines(_run.Error).Select(static line => line.Split(" in datadir")[0]));
        Assert.Contains("v@auto/main/", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_to_commit_has_to_be_said_and_may_not_contradict_itself()
    {
        await _run.FailsAsync("say --every DURATION", "auto-commit");
        await _run.FailsAsync("leave --every, --on-change and --on-containers out", "auto-commit", "--once", "--every", "1h");
        await _run.FailsAsync("say --on-change too", "auto-commit", "--every", "1h", "--settle", "1s");
        await _run.FailsAsync("'soon' is no duration", "auto-commit", "--every", "soon");
        await _run.FailsAsync("'1h' is no rule", "auto-commit", "--once", "--keep", "1h");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("auto-commit", "--once", "v@main~1"));
        Assert.Contains("is no branch", _run.Error, StringComparison.Ordinal);
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
