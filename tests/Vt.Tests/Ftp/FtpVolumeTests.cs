using Vt.Settings;

namespace Vt.Tests.Ftp;

/// <summary>Sessions on volumes, and what becomes of what others do meanwhile.</summary>
public sealed class FtpVolumeTests : IAsyncLifetime
{
    readonly FtpRun _run = new();

    public async Task InitializeAsync()
    {
        await _run.InitAsync();
        await _run.VtAsync("volume", "init", "v");
        _run.Write("a", "alpha");
        _run.Write("b", "beta");
        await _run.OkAsync("v", "put a; mkdir d; commit -m first");
    }

    public Task DisposeAsync()
    {
        _run.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_not_committed_waits_in_the_tree_and_a_commit_keeps_it()
    {
        await _run.OkAsync("v", "put b");
        Assert.Equal("A b\n", string.Concat((await _run.VtAsync("status")).Split('\n').Where(static line => line.StartsWith('A')).Select(static line => line + "\n")));
        var made = (await _run.OkAsync("v@main", "commit -m second")).Trim();
        Assert.Equal("", await _run.VtAsync("status"));
        Assert.Contains(made, await _run.VtAsync("log"), StringComparison.Ordinal);
        Assert.Equal("a\nd\n", await _run.OkAsync("v@HEAD~1", "ls"));
        Assert.Equal("alpha", await _run.OkAsync("HEAD~1/", "cat a"));
        await _run.OkAsync("v", "commit -m again");
        Assert.Contains("nothing has changed in v@main", _run.Error, StringComparison.Ordinal);
        Assert.Equal("/d\n", await _run.OkAsync("v@main/d", "pwd"));
    }

    [Fact]
    public async Task Without_a_target_the_session_is_on_the_current_volume()
    {
        _run.Program.ProgramName = "vtftp";

        Assert.Equal("a\nd\n", await _run.Program.RunOkAsync("-c", "ls"));
    }

    [Fact]
    public async Task What_a_remote_has_is_looked_about_in_and_its_volumes_stay_as_they_are()
    {
        await _run.VtAsync("-S", "./there", "init");
        File.AppendAllText(Path.Combine(_run.Program.Home, ".vtrc"), $"\n[office]\ntype = datadir\npath = {_run.Here}/there\n");
        await _run.VtAsync("-q", "push", "office", "v");
        await _run.OkAsync("v", "put b; commit -m here");

        Assert.Equal("a\nd\n", await _run.OkAsync("office:v", "ls"));
        Assert.Equal("alpha", await _run.OkAsync("office:v@main", "cat a"));
        Assert.Equal("", await _run.OkAsync("office:v/d", "ls"));
        var text = (await _run.OkAsync("office:v", "rm a")).Trim();
        Assert.Equal("d\n", await _run.OkAsync("office:" + text, "ls"));
        Assert.Equal("a\nd\n", await _run.OkAsync("office:v", "ls"));
        await _run.FailsAsync("office:none", "ls", "none");
        Assert.EndsWith("/there\na\nb\nd\n", await _run.OkAsync("v", "peer office; pull; ls"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_branch_is_merged_as_by_vt_merge()
    {
        await _run.VtAsync("branch", "other");
        await _run.OkAsync("v@other", "put b; rm a; commit -m theirs");
        await _run.OkAsync("v", "mkdir e; commit -m ours; merge other; sync");
        Assert.StartsWith("b\nd\ne\n", await _run.OkAsync("v", "ls; commit -m merged"), StringComparison.Ordinal);
        Assert.Contains("Merge: ", await _run.VtAsync("show", "HEAD"), StringComparison.Ordinal);
        await _run.OkAsync("v", "merge other");
        Assert.Contains("has all of other already", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_both_changed_lies_beside_and_the_script_ends_there()
    {
        await _run.VtAsync("branch", "other");
        _run.Write("theirs/a", "theirs");
        _run.Write("ours/a", "ours");
        await _run.OkAsync("v@other", "put theirs/a; commit -m theirs");
        await _run.OkAsync("v", "put ours/a; commit -m ours");

        await _run.FailsAsync("v", "merge other; ls", "1 conflict", ExitCode.Partial);
        var output = await _run.OkAsync("v", "-merge other; ls");

        Assert.Matches("^a: both changed its content; theirs is (a\\.theirs-[0-9a-f]{8})\na\n\\1\nd\n$", output);
        Assert.Equal("ourstheirs", await _run.OkAsync("v", "cat a a.*"));
    }

    [Fact]
    public async Task An_archive_is_merged_by_what_both_have_or_from_a_base()
    {
        await _run.OkAsync("x.vt", "put a; put b");
        var before = _run.Read("x.vt").TrimEnd().Split('\n')[^1].Split(' ').First(static word => word.StartsWith("D{", StringComparison.Ordinal));
        await _run.OkAsync("y.vt", "put a; put a c; merge x.vt");
        Assert.Equal("a\nb\nc\n", await _run.OkAsync("y.vt", "ls"));
        await _run.OkAsync("x.vt", "rm b");
        await _run.OkAsync("y.vt", $"merge x.vt {before}");
        Assert.Equal("a\nc\n", await _run.OkAsync("y.vt", "ls"));
    }

    [Fact]
    public async Task What_another_session_stored_meanwhile_is_merged_and_nothing_of_it_is_lost()
    {
        _run.Write("other", "other");
        await _run.OkAsync("x.vt", "put a; put b");

        var (code, error) = await new FtpInner(_run).RunAsync("x.vt", "mkdir mine; rm b", "put other; mkdir theirs", "sync");

        Assert.True(code == ExitCode.Ok, error);
        Assert.Equal("a\nmine\nother\ntheirs\n", await _run.OkAsync("x.vt", "ls"));
        Assert.Equal(3, _run.States("x.vt").Length);
    }

    [Fact]
    public async Task What_two_sessions_made_different_things_of_is_there_twice()
    {
        _run.Write("one/a", "one");
        _run.Write("two/a", "two");
        await _run.OkAsync("x.vt", "put a");

        var (code, error) = await new FtpInner(_run).RunAsync("x.vt", "put one/a", "put two/a", "sync");

        Assert.Equal(ExitCode.Partial, code);
        Assert.Contains("1 conflict: both are stored", error, StringComparison.Ordinal);
        Assert.Equal("onetwo", await _run.OkAsync("x.vt", "cat a a.theirs-other"));
    }
}
