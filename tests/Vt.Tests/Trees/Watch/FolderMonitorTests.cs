using System.Text;
using Vt.Posix;
using Vt.Tests.Support;
using Vt.Trees.Watch;

namespace Vt.Tests.Trees.Watch;

public sealed class FolderMonitorTests : IDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    readonly TempFolder _folder = new();
    readonly HashSet<string> _told = new(StringComparer.Ordinal);

    public FolderMonitorTests() => _folder.Make("watched/a/b");

    string Watched => _folder["watched"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_change_is_told_by_its_folder()
    {
        await using var monitor = Start();
        File.WriteAllText(Path.Combine(Watched, "a/b/file"), "new");
        await UntilAsync(monitor, "a/b");
        using (var file = PosixFile.Open(Path.Combine(Watched, "a/b/file"), OpenFlags.O_RDONLY))
            Assert.Equal(Errno.OK, Ownership.TryChmod(file, 0x100));
        await UntilAsync(monitor, "a/b");
        File.Delete(Path.Combine(Watched, "a/b/file"));
        await UntilAsync(monitor, "a/b");
        File.WriteAllText(Path.Combine(Watched, "top"), "new");
        await UntilAsync(monitor, "");
        Assert.Equal(3, monitor.Watches);
        Assert.Equal(0, monitor.Unwatched);
    }

    [Fact]
    public async Task Folders_that_are_made_and_filled_at_once_are_known_with_all_that_is_in_them()
    {
        await using var monitor = Start();
        for (var i = 0; i < 200; i++)
        {
            var inner = Directory.CreateDirectory(Path.Combine(Watched, $"new {i}", "x", "y")).FullName;
            File.WriteAllText(Path.Combine(inner, "file"), "at once");
        }

        for (var i = 0; i < 200; i++)
            await UntilAsync(monitor, $"new {i}/x/y");
        File.AppendAllText(Path.Combine(Watched, "new 137/x/y/file"), "and later");
        await UntilAsync(monitor, "new 137/x/y");
        Assert.Equal(603, monitor.Watches);
    }

    [Fact]
    public async Task A_folder_that_moves_is_told_by_its_new_path_from_then_on()
    {
        await using var monitor = Start();
        Directory.Move(Path.Combine(Watched, "a"), Path.Combine(Watched, "moved"));
        await UntilAsync(monitor, "moved/b");
        File.WriteAllText(Path.Combine(Watched, "moved/b/file"), "new");
        await UntilAsync(monitor, "moved/b");
        Assert.DoesNotContain("a/b", _told);
        Directory.Move(Path.Combine(Watched, "moved"), _folder["outside"]);
        await UntilAsync(monitor, "");
        File.WriteAllText(_folder["outside/b/file"], "nobody's business");
        Directory.Move(_folder["outside"], Path.Combine(Watched, "back"));
        await UntilAsync(monitor, "back/b");
        Assert.Equal(3, monitor.Watches);
    }

    [Fact]
    public async Task A_folder_that_is_removed_and_made_again_is_watched_again()
    {
        await using var monitor = Start();
        for (var i = 0; i < 20; i++)
        {
            Directory.Delete(Path.Combine(Watched, "a"), recursive: true);
            Directory.CreateDirectory(Path.Combine(Watched, "a/b"));
        }

        await UntilAsync(monitor, "a/b");
        File.WriteAllText(Path.Combine(Watched, "a/b/file"), "new");
        await UntilAsync(monitor, "a/b");
    }

    [Fact]
    public async Task Lost_events_are_told_as_a_change_of_everything_and_watching_goes_on()
    {
        await using var monitor = Start();
        monitor.LoseEvents();
        await UntilAllAsync(monitor);
        File.WriteAllText(Path.Combine(Watched, "a/file"), "new");
        await UntilAsync(monitor, "a");
    }

    [Fact]
    public async Task Folders_beyond_the_limit_of_watches_are_counted()
    {
        await using var monitor = new FolderMonitor(Encoding.UTF8.GetBytes(Watched), new FolderMonitorOptions { MostWatches = 2 });
        Assert.Equal((2, 1), (monitor.Watches, monitor.Unwatched));
        File.WriteAllText(Path.Combine(Watched, "a/file"), "new");
        await UntilAsync(monitor, "a");
    }

    [Fact]
    public async Task Names_need_not_be_text_nor_paths_short()
    {
        using (var root = PosixFile.Open(Watched, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY))
            Assert.Equal(Errno.OK, PosixFile.TryMkdirAt(root, [0xff, (byte)'x', 0xfe]));
        await using var monitor = Start();
        var path = Make(40);
        for (byte[]? seen = null; seen is null;)
        {
            await monitor.WhenChangedAsync().WaitAsync(_patience);
            seen = monitor.Take().Folders.FirstOrDefault(folder => folder.AsSpan().SequenceEqual(path));
        }
    }

    [Fact]
    public async Task A_watched_folder_that_goes_and_comes_back_is_watched_again()
    {
        await using var monitor = Start();
        Directory.Move(Watched, _folder["away"]);
        Directory.CreateDirectory(Path.Combine(Watched, "other"));
        await UntilAllAsync(monitor);
        File.WriteAllText(Path.Combine(Watched, "other/file"), "new");
        await UntilAsync(monitor, "other");
    }

    [Fact]
    public async Task Skipped_folders_are_not_watched_and_links_only_where_they_are_followed()
    {
        _folder.Make("elsewhere/deep");
        File.CreateSymbolicLink(Path.Combine(Watched, "link"), _folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["elsewhere/up"], Watched);
        await using (var monitor = Start())
            Assert.Equal(3, monitor.Watches);
        await using var following = new FolderMonitor(
            Encoding.UTF8.GetBytes(Watched), new FolderMonitorOptions { FollowSymlinks = true, SkippedDirectories = [Path.Combine(Watched, "a")] });
        Assert.Equal(3, following.Watches);
        File.WriteAllText(_folder["elsewhere/deep/file"], "new");
        await UntilAsync(following, "link/deep");
    }

    [Fact]
    public void A_scope_has_the_folders_and_all_above_them()
    {
        var scope = new FolderChanges(new HashSet<byte[]>(PathBytes.Instance) { "a/b/c"u8.ToArray() }, false).ToScope()!;
        Assert.True(scope("a/b/c"u8.ToArray()) && scope("a/b"u8.ToArray()) && scope("a"u8.ToArray()) && scope([]));
        Assert.False(scope("a/b/c/d"u8.ToArray()) || scope("a/c"u8.ToArray()));
        Assert.Null(new FolderChanges(new HashSet<byte[]>(), true).ToScope());
    }

    FolderMonitor Start() => new(Encoding.UTF8.GetBytes(Watched));

    // Folders of 200 bytes each in one another, the first of them one whose name is no text.
    byte[] Make(int depth)
    {
        var path = new byte[] { 0xff, (byte)'x', 0xfe };
        var folder = PosixFile.Open([.. Encoding.UTF8.GetBytes(Watched + "/"), .. path], OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        for (var i = 0; i < depth; i++)
        {
            var name = Encoding.ASCII.GetBytes(new string('n', 200));
            Assert.Equal(Errno.OK, PosixFile.TryMkdirAt(folder, name));
            var inner = PosixFile.OpenAt(folder, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
            folder.Dispose();
            folder = inner;
            path = PathBytes.Join(path, name);
        }

        folder.Dispose();
        return path;
    }

    async Task UntilAsync(FolderMonitor monitor, string folder)
    {
        while (!_told.Remove(folder))
        {
            await monitor.WhenChangedAsync().WaitAsync(_patience);
            _told.UnionWith(monitor.Take().Folders.Select(path => Encoding.UTF8.GetString(path)));
        }
    }

    static async Task UntilAllAsync(FolderMonitor monitor)
    {
        do
            await monitor.WhenChangedAsync().WaitAsync(_patience);
        while (!monitor.Take().IsAll);
    }
}
