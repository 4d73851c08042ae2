using System.Text.Json;
using Vt.Posix;
using Vt.Settings;

namespace Vt.Tests.Commands;

/// <summary>Volumes, branches and commits on the command line. Trees are changed by importing into a branch's archive, as a mount would.</summary>
public sealed class VolumeCommandTests : IDisposable
{
    readonly ProgramRun _run = new();

    public VolumeCommandTests()
    {
        _run["VT_AUTHOR"] = "Ann <ann@example.org>";
    }

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_new_volume_is_current_and_has_a_first_commit()
    {
        await InitAsync("frob_mysql");
        Assert.Matches("^  VOLUME +BRANCH +COMMIT\n[*] frob_mysql +main +[0-9a-f]{12}\n$", await _run.RunOkAsync("volume", "list"));
        Assert.Matches("^commit [0-9a-f]{64} [(]HEAD -> main[)]\nAuthor: Ann <ann@example.org>\nDate:   [-0-9T:+]+\nLabel:  initial=yes\nFrom:   host=.*\n(From: .*\n)*\n    Make volume frob_mysql\n\n$", await _run.RunOkAsync("log"));
        Assert.Equal("* main\n", await _run.RunOkAsync("branch"));
    }

    [Fact]
    public async Task A_volume_may_begin_without_commits_and_has_an_empty_log()
    {
        await _run.RunOkAsync("init");
        await _run.RunOkAsync("volume", "init", "empty", "--no-commit", "-b", "master");
        Assert.Equal("", await _run.RunOkAsync("log"));
        Assert.Contains("* empty   master  -\n", await _run.RunOkAsync("volume", "list"), StringComparison.Ordinal);
        await FailsAsync("empty@master has no commit yet", "reset", "--hard", "HEAD");
        var id = (await _run.RunOkAsync("commit", "-m", "first")).Trim();
        Assert.Equal(id, await HeadAsync());
    }

    [Fact]
    public async Task Volumes_are_listed_by_name_with_what_is_checked_out_of_each()
    {
        foreach (var name in (string[])["b", "a", "c"])
            await InitAsync(name);
        await _run.RunOkAsync("checkout", "-b", "alpha", "-V", "a");
        await _run.RunOkAsync("volume", "switch", "b");
        var rows = (await _run.RunOkAsync("volume", "list", "--json")).Trim().Split('\n').Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["a alpha False", "b main True", "c main False"], rows.Select(row => $"{row.GetProperty("volume")} {row.GetProperty("branch")} {row.GetProperty("current")}"));
        await FailsAsync("no volume 'nobody'", "volume", "switch", "nobody");
        await FailsAsync("already", "volume", "init", "a");
        await FailsAsync("'a/b' is no name for a volume", "volume", "init", "a/b");
    }

    [Fact]
    public async Task A_volume_is_renamed_removed_and_brought_back()
    {
        await InitAsync("one");
        var head = await HeadAsync();
        await _run.RunOkAsync("volume", "rename", "one", "two");
        Assert.Equal(head, await HeadAsync());
        await _run.RunOkAsync("volume", "rm", "two");
        Assert.Equal("  VOLUME  BRANCH  COMMIT\n", await _run.RunOkAsync("volume", "list"));
        await FailsAsync("no volume is current", "log");
        await _run.RunOkAsync("volume", "restore", "two");
        Assert.Equal(head, await HeadAsync("-V", "two"));
        await FailsAsync("never was a volume 'three'", "volume", "restore", "three");
    }

    [Fact]
    public async Task A_commit_keeps_the_tree_and_nothing_new_makes_none()
    {
        await InitAsync("v");
        await ChangeAsync("file", "hello");
        var one = (await _run.RunOkAsync("commit", "-m", "Hello")).Trim();
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-m", "again"));
        Assert.Contains("nothing has changed in v@main", _run.Error, StringComparison.Ordinal);
        await ChangeAsync("file", "world");
        var two = (await _run.RunOkAsync("commit", "-m", "World", "--label", "job=test")).Trim();
        Assert.Equal("hello", await CatAsync("HEAD^", "file"));
        Assert.Equal("world", await CatAsync(two, "file"));
        using var json = JsonDocument.Parse(await _run.RunOkAsync("show", "--json", two[..9]));
        Assert.Equal(one, json.RootElement.GetProperty("parents")[0].GetString());
        Assert.Equal("test", json.RootElement.GetProperty("labels").GetProperty("job").GetString());
        Assert.Equal(3, (await _run.RunOkAsync("log", "--oneline")).Count(static c => c == '\n'));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("  first\n\n  then 'more' and \"more\"\t\n\n")]
    [InlineData("größer als 王 🎉")]
    [InlineData("-leading dash")]
    public async Task Messages_survive(string message)
    {
        await InitAsync("v");
        await _run.RunOkAsync("commit", "--allow-empty", $"--message={message}");
        using var json = JsonDocument.Parse(await _run.RunOkAsync("show", "--json"));
        Assert.Equal(
            string.Join('\n', message.Split('\n').Select(static line => line.TrimEnd())).Trim('\n'),
            json.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_commit_needs_a_message()
    {
        await InitAsync("v");
        await FailsAsync("say -m TEXT", "commit");
        await FailsAsync("say -m TEXT", "commit", "-m", " ");
        await FailsAsync("'x' is no label", "commit", "-m", "m", "--label", "x");
    }

    [Fact]
    public async Task Who_made_a_commit_comes_from_the_command_the_environment_the_settings_or_git()
    {
        await InitAsync("v");
        Assert.Equal("Ann <ann@example.org>", await AuthorAsync());
        await _run.RunOkAsync("commit", "--allow-empty", "-m", "m", "--author", "Bob <bob@example.org>", "--date", "2026-01-02T03:04");
        Assert.Equal("Bob <bob@example.org>", await AuthorAsync());
        var log = await _run.RunOkAsync("log", "-n", "1");
        Assert.Contains("Date:   2026-01-02T03:04:00", log, StringComparison.Ordinal);
        Assert.Contains("Commit: Ann <ann@example.org>", log, StringComparison.Ordinal);

        _run["VT_AUTHOR"] = "";
        await File.WriteAllTextAsync(Path.Combine(_run.Home, ".vtrc"), "[GLOBAL]\nauthor = Cid <cid@example.org>\n");
        await _run.RunOkAsync("commit", "--allow-empty", "-m", "m");
        Assert.Equal("Cid <cid@example.org>", await AuthorAsync());

        await File.WriteAllTextAsync(Path.Combine(_run.Home, ".vtrc"), "");
        await File.WriteAllTextAsync(Path.Combine(_run.Home, ".gitconfig"), "[include]\npath = more\n");
        await File.WriteAllTextAsync(Path.Combine(_run.Home, "more"), "[user]\nname = Dan O'Dee\nemail = dan@example.org\n");
        await _run.RunOkAsync("commit", "--allow-empty", "-m", "m");
        Assert.Equal("Dan O'Dee <dan@example.org>", await AuthorAsync());

        File.Delete(Path.Combine(_run.Home, ".gitconfig"));
        await FailsAsync("who are you?", "commit", "--allow-empty", "-m", "m");

        // That a volume is made is no person's work.
        await _run.RunOkAsync("volume", "init", "w");
        Assert.StartsWith("vt <root@", await AuthorAsync(), StringComparison.Ordinal);
        await _run.RunOkAsync("volume", "switch", "v");
        await FailsAsync("VT_AUTHOR: 'Ann' is no person", () => _run["VT_AUTHOR"] = "Ann", "commit", "--allow-empty", "-m", "m");
    }

    [Fact]
    public async Task A_branch_begins_with_the_last_commit_and_what_is_not_committed_stays_behind()
    {
        await InitAsync("v");
        await ChangeAsync("file", "committed");
        await _run.RunOkAsync("commit", "-m", "one");
        await ChangeAsync("file", "dirty");
        await _run.RunOkAsync("checkout", "-b", "alpha");
        Assert.Equal("* alpha\n  main\n", await _run.RunOkAsync("branch"));
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-m", "nothing yet"));
        await ChangeAsync("file", "alpha's", branch: "alpha");
        await _run.RunOkAsync("commit", "-m", "two");
        await _run.RunOkAsync("checkout", "main");
        await _run.RunOkAsync("commit", "-m", "was dirty");
        Assert.Equal("dirty", await CatAsync("main", "file"));
        Assert.Equal("committed", await CatAsync("main^", "file"));
        Assert.Equal("alpha's", await CatAsync("alpha", "file"));
        await FailsAsync("already", "checkout", "-b", "alpha");
        await FailsAsync("no branch 'beta'", "checkout", "beta");
        await FailsAsync("no name for a branch", "branch", "a..b");
    }

    [Fact]
    public async Task A_branch_is_removed_unless_it_is_checked_out_or_has_changes()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        await _run.RunOkAsync("commit", "-m", "one");
        await _run.RunOkAsync("checkout", "-b", "alpha");
        await FailsAsync("is checked out", "branch", "-d", "alpha");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-m", "makes its tree"));
        await ChangeAsync("file", "two", branch: "alpha");
        await _run.RunOkAsync("checkout", "main");
        await FailsAsync("changes that are not committed", "branch", "-d", "alpha");
        var lost = (await _run.RunOkAsync("commit", "-b", "alpha", "-m", "two")).Trim();
        await _run.RunOkAsync("branch", "-d", "alpha");
        Assert.Equal("* main\n", await _run.RunOkAsync("branch"));
        await FailsAsync("no branch 'alpha'", "branch", "-d", "alpha");

        // What it had is still found, and can be a branch again.
        Assert.Contains(lost[..12], await _run.RunOkAsync("reflog", "alpha"), StringComparison.Ordinal);
        await _run.RunOkAsync("branch", "alpha", lost);
        Assert.Equal("two", await CatAsync("alpha", "file"));
        await _run.RunOkAsync("branch", "-d", "alpha");
        Assert.Equal("two", await CatAsync(lost[..10], "file"));
    }

    [Fact]
    public async Task A_reset_takes_tree_and_branch_back_and_can_be_undone()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        var one = (await _run.RunOkAsync("commit", "-m", "one")).Trim();
        await ChangeAsync("file", "two");
        var two = (await _run.RunOkAsync("commit", "-m", "two")).Trim();
        await ChangeAsync("file", "dirty");

        await FailsAsync("say --hard", "reset", "HEAD");
        Assert.Equal("dirty", await CatAsync(Archive(), "file"));
        await _run.RunOkAsync("reset", "--hard", "HEAD");
        Assert.Equal("two", await CatAsync(Archive(), "file"));
        await _run.RunOkAsync("reset", "--hard", "HEAD^");
        Assert.Equal("one", await CatAsync(Archive(), "file"));
        Assert.Equal(one, await HeadAsync());
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-m", "no"));

        await _run.RunOkAsync("reset", "--hard", "@{1}");
        Assert.Equal(two, await HeadAsync());
        Assert.Equal("two", await CatAsync(Archive(), "file"));
        await FailsAsync("beyond the beginning", "reset", "--hard", "HEAD^^^^");
        var log = (await _run.RunOkAsync("reflog")).Trim().Split('\n');
        Assert.Equal(["main@{0}", "main@{1}", "main@{2}", "main@{3}"], log.Take(4).Select(static line => line.Split(' ')[1]));
        Assert.EndsWith("reset: moving to @{1}", log[0], StringComparison.Ordinal);
        Assert.EndsWith("reset: moving to HEAD^", log[1], StringComparison.Ordinal);
        Assert.EndsWith("commit: two", log[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_gives_the_root_its_owner_and_mode_back()
    {
        await InitAsync("v");
        var source = Directory.CreateDirectory(Path.Combine(_run.Here, "source")).FullName;
        Chmod(source, 0x1e8);
        await _run.RunOkAsync("import", source, Archive());
        await _run.RunOkAsync("commit", "-m", "0750");
        var before = await _run.RunOkAsync("show", "--root");
        Chmod(source, 0x1c0);
        await _run.RunOkAsync("import", source, Archive());
        await _run.RunOkAsync("reset", "--hard", "HEAD");
        Assert.EndsWith(before, await _run.RunOkAsync("log", "-n", "1", Archive()), StringComparison.Ordinal);
        Assert.Contains("mode:0750", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_that_was_interrupted_before_the_tree_changed_was_not_begun()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        var one = (await _run.RunOkAsync("commit", "-m", "one")).Trim();
        await ChangeAsync("file", "two");
        var two = (await _run.RunOkAsync("commit", "-m", "two")).Trim();
        var origin = Path.ChangeExtension(Archive(), ".origin");
        Assert.Equal($"{two}.blake3\n", await File.ReadAllTextAsync(origin));
        await File.WriteAllTextAsync(origin, $"{two}.blake3\n{one}.blake3 4102444800.000000000\n");

        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-m", "nothing is to be committed"));
        Assert.Equal(two, await HeadAsync());
        Assert.Equal("two", await CatAsync(Archive(), "file"));
        Assert.Equal($"{two}.blake3\n", await File.ReadAllTextAsync(origin));
    }

    [Fact]
    public async Task What_was_committed_elsewhere_stays_when_changes_are_put_aside_and_brought_back()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        await _run.RunOkAsync("commit", "-m", "one");

        // Another machine adds a file.
        var store = Path.Combine(_run.Home, ".local/share/vt/trove");
        _run["XDG_DATA_HOME"] = Path.Combine(_run.Here, "elsewhere");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("-S", store, "commit", "-V", "v", "-m", "nothing"));
        await ChangeAsync("theirs", "two", at: Path.Combine(_run.Here, "elsewhere/vt/volumes"), store: store);
        await _run.RunOkAsync("-S", store, "commit", "-V", "v", "-m", "two");

        _run["XDG_DATA_HOME"] = "";
        File.Delete(Path.Combine(_run.Here, "change", "theirs"));
        await ChangeAsync("mine", "three");
        Assert.Contains("A mine\n", await _run.RunOkAsync("status"), StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", await _run.RunOkAsync("status"), StringComparison.Ordinal);
        await FailsAsync("vt stash push and vt stash pop bring what is not committed here into that one", "commit", "-m", "mine");
        await _run.RunOkAsync("stash", "push");
        Assert.DoesNotContain("theirs", await _run.RunOkAsync("stash", "show"), StringComparison.Ordinal);
        Assert.Equal("two", await CatAsync(Archive(), "theirs"));
        await _run.RunOkAsync("-q", "stash", "pop");
        await _run.RunOkAsync("commit", "-m", "three");
        Assert.Equal(("one", "two", "three"), (await CatAsync(Archive(), "file"), await CatAsync(Archive(), "theirs"), await CatAsync(Archive(), "mine")));
    }

    [Fact]
    public async Task What_was_committed_elsewhere_is_not_taken_back()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        await _run.RunOkAsync("commit", "-m", "one");

        // Another machine: the same store, another folder for what is worked on.
        _run["XDG_DATA_HOME"] = Path.Combine(_run.Here, "elsewhere");
        var store = Path.Combine(_run.Home, ".local/share/vt/trove");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("-S", store, "commit", "-V", "v", "-m", "nothing"));
        await ChangeAsync("file", "two", at: Path.Combine(_run.Here, "elsewhere/vt/volumes"), store: store);
        var two = (await _run.RunOkAsync("-S", store, "commit", "-V", "v", "-m", "two")).Trim();

        // Here nothing was changed, so the tree follows; once it was, that has to be decided.
        _run["XDG_DATA_HOME"] = "";
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-m", "nothing"));
        Assert.Equal("two", await CatAsync(Archive(), "file"));
        _run["XDG_DATA_HOME"] = Path.Combine(_run.Here, "elsewhere");
        await ChangeAsync("file", "three", at: Path.Combine(_run.Here, "elsewhere/vt/volumes"), store: store);
        var three = (await _run.RunOkAsync("-S", store, "commit", "-V", "v", "-m", "three")).Trim();
        _run["XDG_DATA_HOME"] = "";
        await ChangeAsync("file", "mine");
        await FailsAsync("was moved to " + three[..12] + " elsewhere", "commit", "-m", "mine");
        await _run.RunOkAsync("reset", "--hard", "HEAD");
        Assert.Equal("three", await CatAsync(Archive(), "file"));
        Assert.Equal(two, (await _run.RunOkAsync("log", "--json", "-n", "1", "HEAD^")).Split('"')[3]);
    }

    [Fact]
    public async Task A_branch_that_was_moved_back_elsewhere_gets_nothing_of_what_was_taken_back_by_a_commit_here()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        var one = (await _run.RunOkAsync("commit", "-m", "one")).Trim();
        await ChangeAsync("file", "two");
        await _run.RunOkAsync("commit", "-m", "two");
        await ChangeAsync("file", "three");

        // The commit that the branch is moved back to was made of this tree too, which has gone on since.
        var store = Path.Combine(_run.Home, ".local/share/vt/trove");
        _run["XDG_DATA_HOME"] = Path.Combine(_run.Here, "elsewhere");
        await _run.RunOkAsync("-S", store, "reset", "-V", "v", "--hard", one);
        _run["XDG_DATA_HOME"] = "";
        await FailsAsync("was moved to " + one[..12] + " elsewhere", "commit", "-m", "three");
        Assert.Equal("three", await CatAsync(Archive(), "file"));
        Assert.Equal(one, await HeadAsync());
    }

    [Fact]
    public async Task A_branch_that_was_moved_on_again_elsewhere_gets_nothing_by_a_commit_here_either()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        var one = (await _run.RunOkAsync("commit", "-m", "one")).Trim();
        await ChangeAsync("file", "two");
        var two = (await _run.RunOkAsync("commit", "-m", "two")).Trim();
        await _run.RunOkAsync("reset", "--hard", one);
        await ChangeAsync("file", "three");

        var store = Path.Combine(_run.Home, ".local/share/vt/trove");
        _run["XDG_DATA_HOME"] = Path.Combine(_run.Here, "elsewhere");
        await _run.RunOkAsync("-S", store, "reset", "-V", "v", "--hard", two);
        _run["XDG_DATA_HOME"] = "";
        await FailsAsync("was moved to " + two[..12] + " elsewhere", "commit", "-m", "three");
        Assert.Equal(two, await HeadAsync());
    }

    [Fact]
    public async Task A_commit_whose_note_was_lost_is_known_as_made_here()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        await _run.RunOkAsync("commit", "-m", "one");
        var origin = Path.ChangeExtension(Archive(), ".origin");
        var before = await File.ReadAllTextAsync(origin);
        await ChangeAsync("file", "two");
        var two = (await _run.RunOkAsync("commit", "-m", "two")).Trim();

        // As a process leaves it that dies between the movement and the note.
        await File.WriteAllTextAsync(origin, before);
        Assert.Equal("", await _run.RunOkAsync("status"));
        Assert.Equal($"{two}.blake3\n", await File.ReadAllTextAsync(origin));
        await File.WriteAllTextAsync(origin, before);
        await ChangeAsync("file", "three");
        await _run.RunOkAsync("commit", "-m", "three");
        Assert.Equal(two, (await _run.RunOkAsync("log", "--json", "-n", "1", "HEAD^")).Split('"')[3]);
    }

    [Fact]
    public async Task Tags_name_commits()
    {
        await InitAsync("v");
        await _run.RunOkAsync("tag", "v1");
        await _run.RunOkAsync("commit", "--allow-empty", "-m", "more");
        await FailsAsync("already", "tag", "v1");
        Assert.Equal("v1\n", await _run.RunOkAsync("tag"));
        Assert.Contains("(tag: v1) Make volume v", await _run.RunOkAsync("log", "--oneline"), StringComparison.Ordinal);
        await _run.RunOkAsync("tag", "-f", "v1", "HEAD");
        Assert.Contains("(HEAD -> main, tag: v1) more", await _run.RunOkAsync("log", "--oneline"), StringComparison.Ordinal);
        await _run.RunOkAsync("tag", "-d", "v1");
        Assert.Equal("", await _run.RunOkAsync("tag"));
    }

    [Fact]
    public async Task The_log_is_cut_by_number_and_date()
    {
        await InitAsync("v");
        for (var i = 1; i <= 3; i++)
            await _run.RunOkAsync("commit", "--allow-empty", "-m", $"number {i}");
        Assert.Equal(["number 3", "number 2"], await MessagesAsync("log", "--oneline", "-n", "2"));
        Assert.Equal(["number 2", "number 3"], await MessagesAsync("log", "--oneline", "-n", "2", "-r"));
        Assert.Equal(["number 1", "Make volume v"], await MessagesAsync("log", "--oneline", "HEAD~2"));
        Assert.Equal(4, (await MessagesAsync("log", "--oneline", "--since", "yesterday")).Count);
        Assert.Empty(await MessagesAsync("log", "--oneline", "--until", "yesterday"));
        await FailsAsync("--since: 'some day' is no date", "log", "--since", "some day");
        await FailsAsync("is an archive", "log", "--oneline", Archive());
    }

    [Fact]
    public async Task An_undo_takes_the_last_movement_back_and_a_second_one_takes_back_the_first()
    {
        await InitAsync("v");
        await FailsAsync("say --hard", "undo");
        await FailsAsync("stood at no commit before", "undo", "--hard");
        await ChangeAsync("file", "one");
        var one = (await _run.RunOkAsync("commit", "-m", "one")).Trim();
        await _run.RunOkAsync("reset", "--hard", "HEAD^");
        await _run.RunOkAsync("undo", "--hard");
        Assert.Contains("undone: reset: moving to HEAD^; v@main is at " + one[..12], _run.Error, StringComparison.Ordinal);
        Assert.Equal(one, await HeadAsync());
        Assert.Equal("one", await CatAsync(Archive(), "file"));
        await _run.RunOkAsync("undo", "--hard");
        Assert.Equal(["Make volume v"], await MessagesAsync("log", "--oneline"));
    }

    [Fact]
    public async Task The_commits_that_changed_a_path_are_found()
    {
        await InitAsync("v");
        foreach (var (name, content) in new[] { ("a", "1"), ("b", "1"), ("a", "2"), ("b", "2") })
        {
            await ChangeAsync(name, content);
            await _run.RunOkAsync("commit", "-m", $"{name} is {content}");
        }

        Assert.Equal(["M a is 2", "A a is 1"], Blamed(await _run.RunOkAsync("blame", "a")));
        Assert.Equal(["A b is 1"], Blamed(await _run.RunOkAsync("blame", "/b", "HEAD^")));
        Assert.Equal(5, Blamed(await _run.RunOkAsync("blame", "/")).Count);
        Assert.Equal(2, (await _run.RunOkAsync("blame", "--json", "b")).Split("\"change\"").Length - 1);
        await FailsAsync("there never was a 'c' in v", "blame", "c");

        static List<string> Blamed(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => $"{line[0]} {line[(line.LastIndexOf("  ", StringComparison.Ordinal) + 2)..]}")];
    }

    [Fact]
    public async Task Branches_are_merged_and_the_merge_has_two_parents()
    {
        await InitAsync("v");
        await ChangeAsync("a", "1");
        await _run.RunOkAsync("commit", "-m", "base");
        await _run.RunOkAsync("branch", "side");
        await _run.RunOkAsync("merge", "side");
        Assert.Contains("has all of side already", _run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-b", "side", "-m", "makes its tree"));
        await ChangeAsync("b", "side's", branch: "side");
        var side = (await _run.RunOkAsync("commit", "-b", "side", "-m", "b")).Trim();

        // Nothing was done here: the branch is moved on. Then both have something.
        Assert.Equal(side, (await _run.RunOkAsync("merge", "side")).Trim());
        await _run.RunOkAsync("undo", "--hard");
        File.Delete(Path.Combine(_run.Here, "change/b"));
        await ChangeAsync("c", "main's");
        await FailsAsync("changes that are not committed", "merge", "side");
        var main = (await _run.RunOkAsync("commit", "-m", "c")).Trim();
        await FailsAsync("both have commits of their own", "merge", "--ff-only", "side");
        var merged = (await _run.RunOkAsync("merge", "side", "-m", "together")).Trim();
        Assert.Equal("side's", await CatAsync(Archive(), "b"));
        Assert.Equal("main's", await CatAsync(Archive(), "c"));
        using var json = JsonDocument.Parse(await _run.RunOkAsync("show", "--json"));
        Assert.Equal([main, side], json.RootElement.GetProperty("parents").EnumerateArray().Select(static parent => parent.GetString()));
        Assert.Equal(merged, await HeadAsync());
        Assert.Equal("", await _run.RunOkAsync("status"));
        await FailsAsync("no branch, tag or commit 'nothing'", "merge", "nothing");
    }

    [Fact]
    public async Task Conflicts_lie_side_by_side_until_the_next_commit_which_is_the_merge()
    {
        await InitAsync("v");
        await ChangeAsync("f", "base");
        await _run.RunOkAsync("commit", "-m", "base");
        await _run.RunOkAsync("branch", "side");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-b", "side", "-m", "makes its tree"));
        await ChangeAsync("f", "theirs", branch: "side");
        var side = (await _run.RunOkAsync("commit", "-b", "side", "-m", "theirs")).Trim();
        await ChangeAsync("f", "ours");
        var main = (await _run.RunOkAsync("commit", "-m", "ours")).Trim();

        Assert.Equal(ExitCode.Partial, await _run.RunAsync("merge", "side"));
        Assert.Equal($"f: both changed its content; theirs is f.theirs-{side[..8]}\n", _run.OutputText);
        Assert.Contains("1 conflict: put the tree right", _run.Error, StringComparison.Ordinal);
        Assert.Equal("ours", await CatAsync(Archive(), "f"));
        Assert.Equal("theirs", await CatAsync(Archive(), $"f.theirs-{side[..8]}"));
        Assert.Equal(main, await HeadAsync());
        await FailsAsync("changes that are not committed", "merge", "side");
        await ChangeAsync("f", "both");
        await _run.RunOkAsync("commit", "-m", "put right");
        using var json = JsonDocument.Parse(await _run.RunOkAsync("show", "--json"));
        Assert.Equal([main, side], json.RootElement.GetProperty("parents").EnumerateArray().Select(static parent => parent.GetString()));

        // Given up, nothing of it is left.
        await _run.RunOkAsync("reset", "--hard", "HEAD^");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("merge", "--json", "side"));
        Assert.Contains("\"conflict\":\"content\"", _run.OutputText, StringComparison.Ordinal);
        await _run.RunOkAsync("reset", "--hard", "HEAD");
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("commit", "-m", "nothing"));
        Assert.Equal("ours", await CatAsync(Archive(), "f"));
    }

    [Fact]
    public async Task One_commit_is_taken_over_or_back()
    {
        await InitAsync("v");
        foreach (var (name, content) in new[] { ("a", "1"), ("b", "1"), ("a", "2") })
        {
            await ChangeAsync(name, content);
            await _run.RunOkAsync("commit", "-m", $"{name} is {content}", "--author", "Bob <bob@example.org>");
        }

        await _run.RunOkAsync("revert", "HEAD^");
        await FailsAsync("there is no 'b'", "cat", "HEAD/b");
        Assert.Equal("2", await CatAsync("HEAD", "a"));
        Assert.Contains("Revert \"b is 1\"", await _run.RunOkAsync("log", "-n", "1"), StringComparison.Ordinal);
        await _run.RunOkAsync("cherry-pick", "HEAD~2");
        Assert.Equal("1", await CatAsync("HEAD", "b"));
        Assert.Equal("Bob <bob@example.org>", await AuthorAsync());
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("cherry-pick", "HEAD"));
        Assert.Contains("nothing in it that is not there already", _run.Error, StringComparison.Ordinal);
        await FailsAsync("is the first commit", "revert", "HEAD~5");

        // What came later is in the way.
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("revert", "HEAD~4"));
        Assert.Contains("a: it was removed there and changed here; ours is there\n", _run.OutputText, StringComparison.Ordinal);
        await _run.RunOkAsync("reset", "--hard", "HEAD");
    }

    [Fact]
    public async Task What_is_not_committed_is_shown()
    {
        await InitAsync("v");
        Assert.Equal("", await _run.RunOkAsync("status"));
        await ChangeAsync("file", "one");
        Assert.Equal("M ./ (metadata)\nA file\n", await _run.RunOkAsync("status"));
        await _run.RunOkAsync("commit", "-m", "one");
        Assert.Equal("", await _run.RunOkAsync("status"));
        await ChangeAsync("file", "two");
        Assert.Contains("M file (content, metadata)\n", await _run.RunOkAsync("status"), StringComparison.Ordinal);
        Assert.Contains("\"path\":\"file\"", await _run.RunOkAsync("status", "--json", "-V", "v", "-b", "main"), StringComparison.Ordinal);
        Assert.Contains("M file (content, metadata)\n", await _run.RunOkAsync("diff", "HEAD", "v"), StringComparison.Ordinal);
        await FailsAsync("say one of them", "status", "-V", "v", "/mnt");
    }

    [Fact]
    public async Task A_comparison_without_a_tree_is_with_what_is_worked_on()
    {
        await _run.RunOkAsync("init");
        await FailsAsync("no volume is current", "diff");
        await InitAsync("v");
        await _run.RunOkAsync("branch", "empty");
        await ChangeAsync("file", "one");
        await _run.RunOkAsync("commit", "-m", "one");
        Assert.Equal("", await _run.RunOkAsync("diff"));
        await ChangeAsync("file", "two");
        const string Changed = "M file (content, metadata)\n";
        Assert.Equal(Changed, await _run.RunOkAsync("diff"));
        Assert.Equal("M ./ (metadata)\nA file\n", await _run.RunOkAsync("diff", "HEAD^"));
        Assert.Contains("-one\n", await _run.RunOkAsync("diff", "-p"), StringComparison.Ordinal);

        // A file of the volume's name is another thing.
        await File.WriteAllTextAsync(Path.Combine(_run.Here, "v"), "");
        Assert.Equal(Changed, await _run.RunOkAsync("diff"));
        await InitAsync("other");
        Assert.Equal("", await _run.RunOkAsync("diff"));
        Assert.Equal(Changed, await _run.RunOkAsync("diff", "-V", "v"));
        Assert.Equal("M ./ (metadata)\nA file\n", await _run.RunOkAsync("diff", "-V", "v", "empty"));
        Assert.Equal("M ./ (metadata)\nA file\n", await _run.RunOkAsync("diff", "-V", "v", "empty", "main"));
        await FailsAsync("there is no volume 'none'", "diff", "-V", "none");
    }

    [Fact]
    public async Task Commits_and_volumes_are_references_for_every_command()
    {
        await InitAsync("v");
        await ChangeAsync("file", "one");
        await _run.RunOkAsync("commit", "-m", "one");
        await _run.RunOkAsync("branch", "feature/x");
        await ChangeAsync("file", "two");
        await _run.RunOkAsync("commit", "-m", "two");
        await ChangeAsync("file", "three");
        foreach (var (reference, content) in new[]
        {
            ("HEAD/file", "two"), ("HEAD^/file", "one"), ("@/file", "two"), ("main/file", "two"), ("v/file", "three"), ("v@/file", "two"), ("v@main~1/file", "one"),
            ("feature/x/file", "one"), ("v@feature/x/file", "one"), ("main@{1}/file", "one"), ("v@main@{1}/file", "one"),
        })
        {
            Assert.Equal(content, await _run.RunOkAsync("cat", reference));
        }

        Assert.Equal("file\n", await _run.RunOkAsync("ls", "v@HEAD^"));
        await _run.RunOkAsync("fsck", "v@HEAD^", "v", "HEAD");
        Assert.Contains("6 entries, 3 blocks", _run.Error, StringComparison.Ordinal);
        Assert.Contains("M file (content, metadata)\n", await _run.RunOkAsync("diff", "v@HEAD^", "HEAD"), StringComparison.Ordinal);
        await _run.RunOkAsync("export", "HEAD^", "out");
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(_run.Here, "out/file")));
        await FailsAsync("no branch, tag or commit 'nothing' in v", "ls", "v@nothing");
        await FailsAsync("there is no 'x' in", "ls", "v@HEAD/x");
        await FailsAsync("nothing", "ls", "nothing");

        // What is a file is an archive, whatever volumes there are.
        File.Copy(Archive(), Path.Combine(_run.Here, "v"));
        await ChangeAsync("file", "four");
        Assert.Equal("three", await _run.RunOkAsync("cat", "v/file"));
    }

    async Task<List<string>> MessagesAsync(params string[] arguments) =>
        [.. (await _run.RunOkAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[13..].Replace("(HEAD -> main) ", "", StringComparison.Ordinal))];

    async Task InitAsync(string name)
    {
        await _run.RunOkAsync("init");
        await _run.RunOkAsync("volume", "init", name);
    }

    async Task<string> HeadAsync(params string[] options)
    {
        using var json = JsonDocument.Parse(await _run.RunOkAsync(["show", "--json", .. options]));
        return json.RootElement.GetProperty("id").GetString()!;
    }

    async Task<string> AuthorAsync() => (await _run.RunOkAsync("log", "-n", "1")).Split('\n')[1]["Author: ".Length..];

    string Archive(string branch = "main", string? at = null) =>
        Directory.GetFiles(at ?? Path.Combine(_run.Home, ".local/share/vt/volumes"), branch + ".vt", SearchOption.AllDirectories).Single();

    async Task ChangeAsync(string name, string content, string branch = "main", string? at = null, string? store = null)
    {
        var source = Directory.CreateDirectory(Path.Combine(_run.Here, "change")).FullName;
        await File.WriteAllTextAsync(Path.Combine(source, name), content);
        await _run.RunOkAsync([.. store is null ? Array.Empty<string>() : ["-S", store], "-q", "import", "--reread", source, Archive(branch, at)]);
    }

    static void Chmod(string path, uint mode)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
        Assert.Equal(Errno.OK, Ownership.TryChmod(file, mode));
    }

    // Of a revision or an archive.
    async Task<string> CatAsync(string what, string name)
    {
        var root = what.StartsWith('/') ? what : (await _run.RunOkAsync("show", "--root", what)).Trim();
        return await _run.RunOkAsync("cat", $"{root}/{name}");
    }

    async Task FailsAsync(string why, params string[] arguments)
    {
        Assert.Equal(ExitCode.Error, await _run.RunAsync(arguments));
        Assert.Contains(why, _run.Error, StringComparison.Ordinal);
        Assert.Equal(1, _run.Error.Count(static c => c == '\n'));
    }

    async Task FailsAsync(string why, Action first, params string[] arguments)
    {
        first();
        await FailsAsync(why, arguments);
    }
}
