using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Shadow;

/// <summary>Folders that are kept equal to an archive, as users have them: two homes, one store.</summary>
public sealed class ShadowTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _one;
    readonly VtCommand _two;
    readonly string _archive;

    public ShadowTests()
    {
        _one = new VtCommand(_folder["home1"]);
        _two = new VtCommand(_folder["home2"]);
        _two.Environment["VT_STORE"] = _one.Store;
        _one.Succeed("init");
        _archive = _folder["shared.vt"];
        _folder.Make("one");
        _folder.Make("two");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_folders_become_equal_whatever_lies_in_them()
    {
        new TreeGenerator(7, 0.1).Make(_folder["one"]);
        SyncOne();
        SyncTwo();
        Assert.Empty(TreeComparer.Compare(_folder["one"], _folder["two"]));
        Write("two/many/entry-000001", "changed in two");
        Directory.Delete(_folder["one/many"] + "/../" + Path.GetFileName(Directory.GetDirectories(_folder["one"])[0]), recursive: true);
        for (var i = 0; i < 2; i++)
        {
            SyncTwo();
            SyncOne();
        }

        Assert.Empty(TreeComparer.Compare(_folder["one"], _folder["two"]));
        var states = StateCount();
        Assert.Contains("both are equal", _one.Run("shadow", "sync", _folder["one"], _archive).Errors, StringComparison.Ordinal);
        Assert.Contains("both are equal", _two.Run("shadow", "sync", _folder["two"], _archive).Errors, StringComparison.Ordinal);
        Assert.Equal(states, StateCount());
        Assert.Contains("0 faults", _one.Run("fsck", _archive).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_tells_and_changes_neither_side()
    {
        Write("one/f", "base");
        SyncOne();
        SyncTwo();
        Write("one/f", "changed");
        var told = _one.Succeed("shadow", "sync", "-n", _folder["one"], _archive);
        Assert.Equal("to the archive  f\n", told);
        Assert.Equal(1, StateCount());
        SyncOne();
        Assert.Contains("\"to_folder\":[\"f\"]", _two.Succeed("shadow", "sync", "-n", "--json", _folder["two"], _archive), StringComparison.Ordinal);
        Assert.Equal("base", File.ReadAllText(_folder["two/f"]));
    }

    [Fact]
    public void The_status_tells_what_was_agreed_and_what_was_in_conflict()
    {
        MakeConflict();
        var told = _two.Run("shadow", "sync", _folder["two"], _archive);
        Assert.Equal(0, told.ExitCode);
        Assert.Contains("conflict: f: changed in the folder and in the archive", told.Errors, StringComparison.Ordinal);
        var status = _two.Succeed("shadow", "status", _folder["two"]);
        Assert.Contains($"archive    {_archive}\n", status, StringComparison.Ordinal);
        Assert.Contains("conflict   f: changed", status, StringComparison.Ordinal);
        Assert.Contains("which has a newer state", _one.Succeed("shadow", "status", _folder["one"]), StringComparison.Ordinal);
        Assert.Contains("\"target\":\"newer\"", _one.Succeed("shadow", "status", "--json", _folder["one"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_round_that_is_killed_anywhere_is_made_good_by_the_next_one(int kind)
    {
        for (var i = 0; i < 6; i++)
            Write($"one/d{i % 2}/f{i}", $"base {i}");
        SyncOne();
        SyncTwo();
        var killed = 0;
        for (var boundary = 1; killed == boundary - 1; boundary += 1 + (boundary / 6))
        {
            if (kind == 1)
                Change("one", boundary);
            Change("two", boundary + 1000);
            SyncOne();
            _two.Environment["VT_FAULT"] = $"kill:{boundary}";
            var ended = _two.Run("shadow", "sync", _folder["two"], _archive);
            _two.Environment.Remove("VT_FAULT");
            killed = ended.ExitCode == 0 ? killed : boundary + (boundary / 6);
            if (kind == 2)
                SyncOne();
            SyncTwo();
            SyncOne();
            SyncTwo();
            Assert.Empty(TreeComparer.Compare(_folder["one"], _folder["two"]));
            Assert.Empty(Directory.GetFileSystemEntries(_folder["two"], "*conflict*", SearchOption.AllDirectories));
            Assert.False(Directory.Exists(_folder["two/.vt-shadow"]));
        }

        Assert.InRange(killed, 15, int.MaxValue);
        Assert.Contains("0 faults", _one.Run("fsck", _archive).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_that_are_watched_follow_each_other_and_fall_silent()
    {
        Write("one/f", "base");
        using var first = _one.Start("shadow", "watch", "--settle", "1s", "--interval", "1s", _folder["one"], _archive);
        await first.SayAsync("are equal, and followed");
        using var second = _two.Start("shadow", "watch", "--settle", "1s", "--interval", "1s", _folder["two"], _archive);
        await second.SayAsync("are equal, and followed");
        Assert.Equal("base", File.ReadAllText(_folder["two/f"]));
        Assert.Contains($"process {first.Id}", _one.Succeed("shadow", "status", _folder["one"]), StringComparison.Ordinal);
        var refused = _one.Run("shadow", "sync", _folder["one"], _archive);
        Assert.Equal((1, $"vt: another vt shadow is at work on this folder, process {first.Id}\n"), (refused.ExitCode, refused.Errors));

        Write("one/made/in/one", "from one");
        await second.SayAsync("to the folder");
        Assert.Equal("from one", File.ReadAllText(_folder["two/made/in/one"]));
        Write("two/made/in/two", "from two");
        await first.SayAsync("to the folder");
        Assert.Equal("from two", File.ReadAllText(_folder["one/made/in/two"]));

        // One that answered would have to tell of it before it tells of this.
        var states = StateCount();
        Write("two/last", "last");
        await first.SayAsync("to the folder");
        await first.StopAsync();
        await second.StopAsync();
        Assert.Equal(states + 1, StateCount());
        Assert.Empty(TreeComparer.Compare(_folder["one"], _folder["two"]));
    }

    [Fact]
    public async Task One_that_can_not_watch_every_folder_says_so()
    {
        Write("one/a/b/f", "base");
        using var watcher = _one.Start("shadow", "watch", "--settle", "1s", "--rescan", "1s", "--max-watches", "2", _folder["one"], _archive);
        await watcher.SayAsync($"{_folder["one"]}: a folder can't be watched; everything is looked at each 1 seconds");
        await watcher.SayAsync("are equal, and followed");
        Write("one/a/b/f", "changed where nothing tells");
        await watcher.SayAsync("to the archive");
        Assert.Equal("changed where nothing tells", _one.Succeed("cat", $"{_archive}/a/b/f"));
        await watcher.StopAsync();
    }

    [Fact]
    public void The_state_of_another_folder_is_told_apart_from_a_disk_that_is_not_mounted()
    {
        Write("one/f", "base");
        Assert.Equal(0, _one.Run("shadow", "sync", "--state", _folder["state"], _folder["one"], _archive).ExitCode);
        var refused = _one.Run("shadow", "sync", "--state", _folder["state"], _folder["two"], _archive);
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith($"vt: the state is that of {_folder["one"]}, which is another folder than {_folder["two"]}", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_not_be_is_told_in_one_line()
    {
        Assert.Equal((1, true), _one.Refused("shadow", "sync", _folder["nowhere"], _archive));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", _folder["one"], _folder["one/inside.vt"]));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", _folder["one"], _archive + "/folder"));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", "--conflict", "whatever", _folder["one"], _archive));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", "--one-way", "sideways", _folder["one"], _archive));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", "--one-way", "to-folder", _folder["one"], _archive));
        Assert.Equal((1, true), _one.Refused("shadow", "status", _folder["one"]));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", "", _archive));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", _folder["one"], ""));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", _one.Store, _archive));
        Assert.Equal((1, true), _one.Refused("shadow", "sync", _folder["one"], _archive, "--state", _one.Store + "/config"));
        Assert.Equal((1, true), _one.Refused("shadow", "watch", _folder["one"], _archive, "--settle", "soon"));
        File.WriteAllText(_folder["file"], "");
        var refused = _one.Run("shadow", "sync", _folder["file"], _archive);
        Assert.Equal((1, $"vt: {_folder["file"]} is no folder\n"), (refused.ExitCode, refused.Errors));
        Directory.CreateSymbolicLink(_folder["into"], _folder["one"]);
        Assert.Equal((1, true), _one.Refused("shadow", "sync", _folder["one"], _folder["into/inside.vt"]));
        SyncOne();
        Assert.Equal((1, true), _one.Refused("shadow", "sync", _folder["one"], _folder["other.vt"]));
        Assert.Equal(2, _one.Run("shadow", "sync", _folder["one"]).ExitCode);
    }

    [Fact]
    public void A_folder_has_one_shadow_by_whatever_path_it_is_called()
    {
        Write("one/f", "base");
        Directory.CreateSymbolicLink(_folder["link"], _folder["one"]);
        _one.Succeed("shadow", "sync", "-q", _folder["link"], _archive);
        Assert.Contains($"folder     {_folder["one"]}\n", _one.Succeed("shadow", "status", _folder["one"] + "/../link/"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_whose_name_is_no_UTF_8_is_a_shadow_like_others()
    {
        Write("one/f", "base");
        var line = _one.Line("shadow", "WORD", "FOLDER", _archive).Replace("'FOLDER'", $"$'{_folder.Path}/n\\xff\\nx'", StringComparison.Ordinal);
        Shell.Succeed($"mv '{_folder["one"]}' $'{_folder.Path}/n\\xff\\nx'");
        var sync = line.Replace("'WORD'", "'sync'", StringComparison.Ordinal);
        Shell.Succeed(sync);
        Assert.Contains("both are equal", Shell.Run(sync).Output, StringComparison.Ordinal);
        var status = line.Replace("'WORD'", "'status' '--json'", StringComparison.Ordinal).Replace($"'{_archive}'", "", StringComparison.Ordinal);
        Assert.Contains("/n\\\\xff\\\\x0ax\"", Shell.Run(status).Output, StringComparison.Ordinal);
        Assert.Equal("base", _one.Succeed("cat", $"{_archive}/f"));
    }

    [Fact]
    public void A_dry_run_tells_that_nothing_would_be_done_where_the_rule_is_to_stop()
    {
        MakeConflict();
        var told = _two.Run("shadow", "sync", "-n", "--conflict", "stop", _folder["two"], _archive);
        Assert.Equal((1, ""), (told.ExitCode, told.Output));
        Assert.Contains("there is a conflict, and nothing was done", told.Errors, StringComparison.Ordinal);
    }

    [RootFact]
    public void A_file_that_can_not_be_read_is_not_taken_for_removed()
    {
        // An ordinary user's, since root reads whatever it is.
        Write("one/secret", "secret");
        Write("one/plain", "plain");
        var line = _one.Line("shadow", "sync", _folder["one"], _archive);
        Shell.Succeed($"chown -R 65534:65534 '{_folder.Path}'");
        Assert.Equal(0, RunAsUser(line).ExitCode);
        Shell.Succeed($"chown root '{_folder["one/secret"]}'; chmod 600 '{_folder["one/secret"]}'");
        var (exitCode, output) = RunAsUser(line);
        Assert.Equal(3, exitCode);
        Assert.Contains("not readable", output, StringComparison.Ordinal);

        // Once, though the folder is looked at again where something was done to it.
        _two.Succeed("shadow", "sync", "-q", _folder["two"], _archive);
        Write("two/new", "new");
        SyncTwo();
        Shell.Succeed($"chown 65534 '{_archive}'; chmod -R a+rwX '{_one.Store}'");
        (exitCode, output) = RunAsUser(line);
        Assert.Equal((3, "new"), (exitCode, File.ReadAllText(_folder["one/new"])));
        Assert.Equal(2, output.Split("not readable").Length);
        Assert.Equal("secret", _one.Succeed("cat", $"{_archive}/secret"));
    }

    static (int ExitCode, string Output) RunAsUser(string line) => Shell.Run($"setpriv {string.Join(' ', MountAbility.OrdinaryUser)} {line}");

    // Both folders agree, and then each has another content of a file, of which the archive has the first one's.
    void MakeConflict()
    {
        Write("one/f", "base");
        SyncOne();
        SyncTwo();
        Write("one/f", "first");
        Write("two/f", "second");
        SyncOne();
    }

    void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], content);
    }

    void SyncOne() => _one.Succeed("shadow", "sync", "-q", _folder["one"], _archive);

    void SyncTwo() => _two.Succeed("shadow", "sync", "-q", _folder["two"], _archive);

    int StateCount() => File.ReadLines(_archive).Count() - 1;

    // Disjoint on both sides, so that nothing is in conflict.
    void Change(string side, int number)
    {
        var own = side == "one" ? 0 : 1;
        File.WriteAllText(_folder[$"{side}/d{own}/f{own + (2 * (number % 3))}"], $"{side} {number} {new string('x', number % 90)}");
        Write($"{side}/new of {side} {number % 5}/file", new string('n', number));
        var gone = _folder[$"{side}/new of {side} {(number + 2) % 5}"];
        if (Directory.Exists(gone))
            Directory.Delete(gone, recursive: true);
    }
}
