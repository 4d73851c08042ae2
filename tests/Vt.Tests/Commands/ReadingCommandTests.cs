using System.Text;
using System.Text.Json;
using Vt.Settings;
using Vt.Stores.Memory;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;

namespace Vt.Tests.Commands;

/// <summary>ls, stat, cat, diff, log and dump on a tree that is in the store.</summary>
public sealed class ReadingCommandTests : IAsyncLifetime, IDisposable
{
    readonly ProgramRun _run = new() { Store = new MemoryStore() };
    Dirent _first = null!;
    Dirent _second = null!;

    public async Task InitializeAsync()
    {
        _first = await StoredTree.StoreAsync(_run.Store!, "first\n");
        _second = await StoredTree.StoreAsync(_run.Store!, "second\n");
        var archive = new ArchiveFile(Path.Combine(_run.Here, "a.vt"), TimeProvider.System);
        await archive.AppendAsync(_first, null);
        await archive.AppendAsync(_second, null);
        Archive = archive.Path;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _run.Dispose();

    string Archive { get; set; } = "";

    [Fact]
    public async Task Ls_shows_names_and_makes_odd_ones_harmless()
    {
        Assert.Equal("hard1\nhard2\nlink\nnotes.txt\nnull\no\\xe9\\x0ad\nsub\n", await _run.RunOkAsync("ls", Archive));
    }

    [Fact]
    public async Task Ls_finds_archives_from_the_current_folder()
    {
        Assert.Equal("deep\n", await _run.RunOkAsync("ls", "a.vt/sub"));
    }

    [Fact]
    public async Task Ls_long_has_the_columns_of_ls()
    {
        var lines = (await _run.RunOkAsync("ls", "-l", Archive)).Split('\n');

        Assert.Matches(@"^-rw-r--r--  2 ann 50 +6 \d{4}-\d\d-\d\d \d\d:\d\d hard1$", lines[0]);
        Assert.Matches(@"^lrwxrwxrwx  1 ann 50 +9 .* link -> notes\.txt$", lines[2]);
        Assert.Matches(@"^crw-rw-rw-  1 ann 50 +1, 3 .* null$", lines[4]);
        Assert.Matches(@"^drwxr-sr-x  1 ann 50 +0 .* sub$", lines[6]);
    }

    [Fact]
    public async Task Ls_recursive_lists_what_is_below()
    {
        Assert.EndsWith("sub\n\nsub:\ndeep\n", await _run.RunOkAsync("ls", "-R", Archive), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ls_raw_gives_the_very_bytes()
    {
        await _run.RunOkAsync("ls", "-R0", Archive);

        var names = Encoding.Latin1.GetString(_run.Output).Split('\0');
        Assert.Contains(Encoding.Latin1.GetString(StoredTree.OddName), names);
        Assert.Contains("sub/deep", names);
    }

    [Fact]
    public async Task Ls_as_json_is_an_object_a_line()
    {
        var lines = (await _run.RunOkAsync("ls", "-R", "--json", Archive)).TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();

        Assert.Equal(8, lines.Count);
        Assert.Equal("sub/deep", lines[7].GetProperty("path").GetString());
        Assert.Equal(700_000, lines[7].GetProperty("size").GetInt64());
        Assert.Equal("1700000000.123456789", lines[7].GetProperty("mtime").GetString());
        Assert.Equal(StoredTree.OddName, lines[5].GetProperty("path_base64").GetBytesFromBase64());
        Assert.Equal(2, lines[0].GetProperty("links").GetInt32());
        Assert.Equal("notes.txt", lines[2].GetProperty("target").GetString());
    }

    [Fact]
    public async Task Ls_of_a_text_reference_needs_no_archive()
    {
        Assert.Equal("deep\n", await _run.RunOkAsync("ls", _first + "/sub"));
        Assert.Equal("sub\n", await _run.RunOkAsync("ls", "-d", Archive + "/sub"));
    }

    [Fact]
    public async Task Cat_writes_the_content()
    {
        Assert.Equal("second\n", await _run.RunOkAsync("cat", Archive + "/notes.txt"));
        Assert.Equal("shared", await _run.RunOkAsync("cat", Archive + "/hard2"));
        await _run.RunOkAsync("cat", Archive + "/sub/deep", _first + "/notes.txt");
        Assert.Equal(StoredTree.Big().Concat("first\n"u8.ToArray()), _run.Output);
    }

    [Fact]
    public async Task Cat_takes_names_that_are_not_UTF8()
    {
        Assert.Equal("odd", await _run.RunOkAsync("cat", Archive + "/o\udce9\nd"));
    }

    [Theory]
    [InlineData("/sub", "is a directory, which has no content to write")]
    [InlineData("/gone", "there is no 'gone'")]
    [InlineData("@1990-01-01", "no state as old as 1990-01-01")]
    [InlineData("@yesterday", "'yesterday' is not a date")]
    public async Task Cat_says_what_is_wrong(string rest, string message)
    {
        Assert.Equal(ExitCode.Error, await _run.RunAsync("cat", Archive + rest));
        Assert.Contains(message, _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stat_shows_everything()
    {
        var text = await _run.RunOkAsync("stat", Archive + "/notes.txt");

        Assert.Contains("Kind:     file\n", text, StringComparison.Ordinal);
        Assert.Contains("Size:     7\n", text, StringComparison.Ordinal);
        Assert.Contains("Mode:     0644 -rw-r--r--\n", text, StringComparison.Ordinal);
        Assert.Contains("Owner:    1000 ann\n", text, StringComparison.Ordinal);
        Assert.Contains(".123456789", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_text_that_stat_shows_can_be_pasted()
    {
        var text = await _run.RunOkAsync("stat", Archive);

        var pasted = text.Split('\n').Single(l => l.StartsWith("Text:", StringComparison.Ordinal))[9..].Trim();
        Assert.Equal("second\n", await _run.RunOkAsync("cat", pasted + "/notes.txt"));
    }

    [Fact]
    public async Task Diff_shows_what_changed()
    {
        Assert.Equal("M notes.txt (content)\n", await _run.RunOkAsync("diff", _first.ToString(), Archive));
        Assert.Equal(ExitCode.Partial, await _run.RunAsync("diff", "--exit-code", _first.ToString(), Archive));
        Assert.Equal("", await _run.RunOkAsync("diff", "--exit-code", Archive, Archive));
    }

    [Fact]
    public async Task Diff_as_json_has_both_sides()
    {
        using var json = JsonDocument.Parse(await _run.RunOkAsync("diff", "--json", _first.ToString(), Archive));

        Assert.Equal("modified", json.RootElement.GetProperty("change").GetString());
        Assert.Equal(6, json.RootElement.GetProperty("before").GetProperty("size").GetInt64());
        Assert.Equal(7, json.RootElement.GetProperty("after").GetProperty("size").GetInt64());
    }

    [Fact]
    public async Task Log_lists_states_the_newest_first()
    {
        var lines = (await _run.RunOkAsync("log", "a.vt")).TrimEnd('\n').Split('\n');

        Assert.Equal(2, lines.Length);
        Assert.EndsWith(_second.ToString(), lines[0], StringComparison.Ordinal);
        Assert.EndsWith(_first.ToString(), await _run.RunOkAsync("log", "-r", "-n", "1", "a.vt") is var last ? last.TrimEnd('\n') : "", StringComparison.Ordinal);
        Assert.Equal("second\n", await _run.RunOkAsync("cat", $"a.vt@{lines[0].Split(' ')[0]}/notes.txt"));
    }

    [Fact]
    public async Task Log_reports_a_damaged_line_and_goes_on()
    {
        var lines = await File.ReadAllLinesAsync(Archive);
        lines[1] = lines[1].Replace("mode", "mood", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Archive, string.Join('\n', lines) + "\n");

        Assert.Equal(ExitCode.Partial, await _run.RunAsync("log", Archive));
        Assert.Single(_run.OutputText.TrimEnd('\n').Split('\n'));
        Assert.Contains("a.vt:2: ", _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fsck_reports_a_damaged_line_of_an_archive(bool all)
    {
        var lines = await File.ReadAllLinesAsync(Archive);
        lines[2] = lines[2].Replace("mode", "mood", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Archive, string.Join('\n', lines) + "\n");

        Assert.Equal(ExitCode.Error, await _run.RunAsync(all ? ["fsck", "--all", Archive] : ["fsck", Archive]));
        Assert.Contains("line 3 of the archive is damaged: ", _run.OutputText, StringComparison.Ordinal);
        Assert.Contains("1 fault\n", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fsck_counts_the_blocks_of_trees_whose_files_lie_in_their_entries()
    {
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("fsck", Archive));
        Assert.DoesNotContain(" 0 blocks", _run.Error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await _run.RunOkAsync("fsck", "--json", Archive));
        Assert.InRange(json.RootElement.GetProperty("blocks").GetInt64(), 1, long.MaxValue);
        Assert.InRange(json.RootElement.GetProperty("bytes").GetInt64(), 1, long.MaxValue);
        Assert.Equal(0, json.RootElement.GetProperty("faults").GetInt64());
    }

    [Fact]
    public async Task Dump_shows_blocks_trees_directories_and_archives()
    {
        var reference = (await _run.RunOkAsync("stat", Archive + "/sub/deep")).Split('\n').Single(l => l.StartsWith("Content:", StringComparison.Ordinal))[9..].Trim();

        var tree = (await _run.RunOkAsync("dump", reference)).TrimEnd('\n').Split('\n');
        Assert.StartsWith("               0 I{", tree[0], StringComparison.Ordinal);
        Assert.All(tree[1..], l => Assert.Contains("B{", l, StringComparison.Ordinal));
        Assert.Equal("00000000  7365 636f 6e64 0a                        second.\n", await _run.RunOkAsync("dump", "L{\"second\\x0a\"}"));
        Assert.Contains("7 entries, 1 of them directories:", await _run.RunOkAsync("dump", _first.ToString()), StringComparison.Ordinal);
        Assert.Contains(", 2 states\n", await _run.RunOkAsync("dump", "a.vt"), StringComparison.Ordinal);
    }
}
