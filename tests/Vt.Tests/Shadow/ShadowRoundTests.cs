using System.Text;
using Vt.Blocks.Contracts;
using Vt.Hosts.ShadowHost;
using Vt.Posix;
using Vt.Tests.Support;
using Vt.Trees.Shadow;

namespace Vt.Tests.Shadow;

/// <summary>What a round does about what both sides did.</summary>
public sealed class ShadowRoundTests : IDisposable
{
    readonly ShadowBed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task Keep_both_gives_the_name_to_the_archive_and_lays_the_folders_version_beside_it()
    {
        var report = await ConflictAsync(ConflictRule.KeepBoth);
        Assert.Equal("first", _bed.Read("two/f.txt"));
        var sibling = Assert.Single(Directory.GetFiles(_bed["two"], "f.conflict-two-*.txt"));
        Assert.Equal("second!", File.ReadAllText(sibling));
        Assert.Equal(ShadowConflictKind.Content, Assert.Single(report.Conflicts).Kind);
        await EqualAsync();
    }

    [Fact]
    public async Task The_folders_version_wins_where_the_rule_says_so_and_the_other_is_history()
    {
        await ConflictAsync(ConflictRule.Folder);
        Assert.Equal("second!", _bed.Read("two/f.txt"));
        await EqualAsync();
        Assert.Equal("second!", _bed.Read("one/f.txt"));
        Assert.Contains("first", await _bed.HistoryAsync());
        Assert.Empty(Directory.GetFiles(_bed["one"], "*conflict*"));
    }

    [Fact]
    public async Task The_archives_version_wins_where_the_rule_says_so_and_the_folders_is_history_first()
    {
        await ConflictAsync(ConflictRule.Store);
        Assert.Equal("first", _bed.Read("two/f.txt"));
        await EqualAsync();
        Assert.Contains("second!", await _bed.HistoryAsync());
        Assert.Empty(Directory.GetFiles(_bed["two"], "*conflict*"));
    }

    [Theory]
    [InlineData(2001, "first", "second!")]
    [InlineData(2090, "second!", "first")]
    public async Task The_newer_version_wins_where_the_rule_says_so(int year, string winner, string loser)
    {
        await ConflictAsync(ConflictRule.Newer, new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await EqualAsync();
        Assert.Equal(winner, _bed.Read("one/f.txt"));
        Assert.Contains(loser, await _bed.HistoryAsync());
    }

    [Fact]
    public async Task Nothing_at_all_is_done_where_the_rule_is_to_stop()
    {
        var states = 0;
        await Assert.ThrowsAsync<UserErrorException>(() => ConflictAsync(ConflictRule.Stop, before: () => states = _bed.States));
        Assert.Equal(states, _bed.States);
        Assert.Equal("second!", _bed.Read("two/f.txt"));
        Assert.Equal("new", _bed.Read("two/other"));
        Assert.False(File.Exists(_bed["two/more"]));
        Assert.Contains(_bed.Notices, static line => line.StartsWith("conflict: f.txt: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Content_and_mode_of_one_file_come_from_different_sides()
    {
        await BeginAsync();
        _bed.Write("one/f.txt", "changed");
        Chmod(_bed["two/f.txt"], 0x180);
        await _bed.SyncAsync("one");
        Assert.Empty((await _bed.SyncAsync("two")).Conflicts);
        Assert.Equal("changed", _bed.Read("two/f.txt"));
        await EqualAsync();
        Assert.Equal(0x180u, PosixFile.Stat(_bed["one/f.txt"]).Permissions);
    }

    [Fact]
    public async Task What_was_changed_comes_before_what_was_removed()
    {
        await BeginAsync();
        Directory.Delete(_bed["one/d"], recursive: true);
        _bed.Write("two/d/g", "changed here");
        await _bed.SyncAsync("one");
        Assert.Equal(ShadowConflictKind.RemovedInStore, Assert.Single((await _bed.SyncAsync("two")).Conflicts).Kind);
        await EqualAsync();
        Assert.Equal("changed here", _bed.Read("one/d/g"));
        Assert.False(File.Exists(_bed["one/d/h"]));
    }

    [Fact]
    public async Task Removals_go_both_ways()
    {
        await BeginAsync();
        Directory.Delete(_bed["one/d"], recursive: true);
        File.Delete(_bed["two/f.txt"]);
        await EqualAsync();
        Assert.Equal(["keep"], Directory.GetFileSystemEntries(_bed["two"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_new_name_of_a_file_is_one_of_the_same_file_elsewhere()
    {
        await BeginAsync();
        PosixFile.Link(Encoding.UTF8.GetBytes(_bed["one/f.txt"]), Encoding.UTF8.GetBytes(_bed["one/d/link"]));
        await EqualAsync();
        Assert.Equal(2u, PosixFile.Stat(_bed["two/d/link"]).Links);
        File.AppendAllText(_bed["two/d/link"], " more");
        await EqualAsync();
        Assert.Equal("base more", _bed.Read("one/f.txt"));
        Assert.Equal(2u, PosixFile.Stat(_bed["one/f.txt"]).Links);
    }

    [Fact]
    public async Task An_emptied_folder_is_refused_and_filled_again_where_that_is_said()
    {
        await BeginAsync();
        foreach (var name in Directory.GetFileSystemEntries(_bed["one"]))
            Directory.Move(name, _bed["away " + Path.GetFileName(name)]);
        var refused = await Assert.ThrowsAsync<UserErrorException>(() => _bed.SyncAsync("one"));
        Assert.Contains("is its disk mounted?", refused.Message, StringComparison.Ordinal);
        _bed.Anew = true;
        await _bed.SyncAsync("one");
        _bed.Anew = false;
        await EqualAsync();
        Assert.Equal("base", _bed.Read("one/f.txt"));
    }

    [Fact]
    public async Task An_emptied_folder_empties_the_archive_where_that_is_said()
    {
        await BeginAsync();
        Directory.Delete(_bed["one/d"], recursive: true);
        File.Delete(_bed["one/f.txt"]);
        File.Delete(_bed["one/keep"]);
        _bed.Force = true;
        await _bed.SyncAsync("one");
        await _bed.SyncAsync("two");
        Assert.Empty(Directory.GetFileSystemEntries(_bed["two"]));
    }

    [Fact]
    public async Task Another_folder_in_the_place_of_the_known_one_is_refused()
    {
        await BeginAsync();
        Directory.Move(_bed["one"], _bed["moved"]);
        _bed.Write("one/something", "else");
        Assert.Contains("another folder", (await Assert.ThrowsAsync<UserErrorException>(() => _bed.SyncAsync("one"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_has_lost_what_was_agreed_is_refused()
    {
        await BeginAsync();
        var older = File.ReadAllText(_bed.Archive);
        _bed.Write("one/f.txt", "later");
        await _bed.SyncAsync("one");
        File.Delete(_bed.Archive);
        Assert.Contains("is not there, nor the state", (await Assert.ThrowsAsync<UserErrorException>(() => _bed.SyncAsync("one"))).Message, StringComparison.Ordinal);
        File.WriteAllText(_bed.Archive, older.Replace(older[9..45], Guid.NewGuid().ToString("D"), StringComparison.Ordinal));
        Assert.Contains("has not got the state", (await Assert.ThrowsAsync<UserErrorException>(() => _bed.SyncAsync("one"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_way_to_the_archive_leaves_the_folder_alone_and_forgets_nothing()
    {
        await BeginAsync("f.txt");
        _bed.Write("two/d/g", "from two");
        _bed.Direction = ShadowDirection.ToStore;
        var report = await _bed.SyncAsync("two");
        Assert.Equal("base", _bed.Read("two/f.txt"));
        Assert.Equal("f.txt", Encoding.UTF8.GetString(Assert.Single(report.Waiting, static one => one.Path.Length > 0).Path));
        Assert.Empty((await _bed.SyncAsync("two")).ToStore);
        await _bed.SyncAsync("two");
        _bed.Direction = ShadowDirection.Both;
        await EqualAsync();
        Assert.Equal(("from one", "from two"), (_bed.Read("two/f.txt"), _bed.Read("one/d/g")));
    }

    [Fact]
    public async Task One_way_to_the_folder_leaves_the_archive_alone_and_forgets_nothing()
    {
        await BeginAsync("f.txt");
        _bed.Write("two/d/g", "from two");
        var states = _bed.States;
        _bed.Direction = ShadowDirection.ToFolder;
        await _bed.SyncAsync("two");
        await _bed.SyncAsync("two");
        Assert.Equal(states, _bed.States);
        Assert.Equal(("from one", "from two"), (_bed.Read("two/f.txt"), _bed.Read("two/d/g")));
        _bed.Direction = ShadowDirection.Both;
        await EqualAsync();
        Assert.Equal("from two", _bed.Read("one/d/g"));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_about_to_be_replaced_is_not_replaced()
    {
        await BeginAsync("f.txt");
        _bed.Boundary = new WriteBoundary((step, path, isDone) =>
        {
            if (step == WriteStep.Rename && path == "f.txt" && !isDone)
                File.WriteAllText(_bed["two/f.txt"], "written meanwhile");
        });
        var report = await _bed.SyncAsync("two");
        Assert.Equal("written meanwhile", _bed.Read("two/f.txt"));
        Assert.Contains(report.Waiting, static one => one.Why == "it has changed meanwhile, and is looked at again");
        _bed.Boundary = null;
        Assert.Single((await _bed.SyncAsync("two")).Conflicts);
        await EqualAsync();
        Assert.Equal("from one", _bed.Read("two/f.txt"));
        Assert.Single(Directory.GetFiles(_bed["one"], "f.conflict-two-*"));
    }

    [Fact]
    public async Task A_removed_folder_in_which_others_work_waits_whole_where_its_name_is_taken_meanwhile()
    {
        await BeginAsync("d/new");
        Directory.Delete(_bed["two/d"], recursive: true);
        _bed.Boundary = new WriteBoundary((step, path, isDone) =>
        {
            if (step == WriteStep.Rename && path == "d" && !isDone)
                _bed.Make("two/d");
        });
        await _bed.SyncAsync("two");
        _bed.Boundary = null;
        await EqualAsync();
        Assert.Equal("from one", _bed.Read("two/d/new"));
    }

    [Fact]
    public async Task A_folder_that_becomes_a_link_meanwhile_leads_nowhere()
    {
        await BeginAsync("d/g");
        _bed.Write("elsewhere/g", "untouched");
        var isDone = false;
        _bed.Boundary = new WriteBoundary((step, _, _) =>
        {
            if (isDone || step != WriteStep.Create)
                return;
            isDone = true;
            Directory.Move(_bed["two/d"], _bed["two/d moved"]);
            Directory.CreateSymbolicLink(_bed["two/d"], _bed["elsewhere"]);
        });
        await _bed.SyncAsync("two");
        Assert.True(isDone);
        Assert.Equal("untouched", _bed.Read("elsewhere/g"));
        Assert.Equal("base of g", _bed.Read("two/d moved/g"));
    }

    [Fact]
    public async Task A_state_that_is_damaged_is_told_and_not_taken()
    {
        await BeginAsync();
        var file = _bed["state-one/state"];
        File.WriteAllText(file, File.ReadAllText(file).Replace("inode ", "inode 1", StringComparison.Ordinal));
        Assert.Contains("is damaged", (await Assert.ThrowsAsync<UserErrorException>(() => _bed.SyncAsync("one"))).Message, StringComparison.Ordinal);
    }

    static void Chmod(string path, uint mode) => Assert.Equal(Errno.OK, Ownership.TryChmodAt(FileDescriptor.CurrentDirectory, Encoding.UTF8.GetBytes(path), mode));

    // Equal folders; then the archive may have something new, which the first folder wrote.
    async Task BeginAsync(string? changed = null)
    {
        _bed.Write("one/f.txt", "base");
        _bed.Write("one/keep", "kept");
        _bed.Write("one/d/g", "base of g");
        _bed.Write("one/d/h", "base of h");
        _bed.Make("two");
        await EqualAsync();
        if (changed is null)
            return;
        _bed.Write($"one/{changed}", "from one");
        await _bed.SyncAsync("one");
    }

    // The first folder's version is in the archive when the second one's round comes.
    async Task<ShadowReport> ConflictAsync(ConflictRule rule, DateTime? second = null, Action? before = null)
    {
        await BeginAsync();
        _bed.Write("one/f.txt", "first");
        _bed.Write("one/more", "more");
        _bed.Write("two/f.txt", "second!");
        _bed.Write("two/other", "new");
        if (second is { } time)
            File.SetLastWriteTimeUtc(_bed["two/f.txt"], time);
        await _bed.SyncAsync("one");
        before?.Invoke();
        _bed.Rule = rule;
        return await _bed.SyncAsync("two");
    }

    async Task EqualAsync()
    {
        await _bed.SettleAsync("one", "two");
        Assert.Empty(TreeComparer.Compare(_bed["one"], _bed["two"]));
    }
}
