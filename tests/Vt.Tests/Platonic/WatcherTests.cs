using System.Threading.Channels;
using Vt.Blocks.Contracts;
using Vt.Hosts.PlatonicHost;
using Vt.Stores.Platonic;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;

namespace Vt.Tests.Platonic;

/// <summary>A store that is kept up to date while files change.</summary>
public sealed class WatcherTests : IAsyncLifetime
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    readonly PlatonicBed _bed = new();
    readonly CancellationTokenSource _stopping = new();
    readonly Channel<string> _log = Channel.CreateUnbounded<string>();
    readonly TaskCompletionSource _ready = new();
    PlatonicStore _store = null!;
    Task _watching = Task.CompletedTask;

    public async Task InitializeAsync() => _store = await _bed.OpenAsync();

    public async Task DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watching);
        await _store.DisposeAsync();
        _bed.Dispose();
        _stopping.Dispose();
    }

    [Fact]
    public async Task Changes_become_states_and_only_what_changed_is_looked_at()
    {
        for (var i = 0; i < 30; i++)
            _bed.Write($"folder {i % 3}/{i}", PlatonicBed.Random(i, 20_000));
        await StartAsync();
        _bed.Write("folder 1/new", PlatonicBed.Random(50, 70_000));
        await NextStateAsync();
        Assert.Equal(PlatonicBed.Random(50, 70_000), await _bed.ReadAsync(_store, "folder 1/new"));
        Assert.Equal(11 + 1, PlatonicFiles.ReadLastScan(_store.Layout)!.Entries + 1);
        Assert.Equal(await _bed.ImportAsync(), Newest());
        _bed.Write("made/and/filled", PlatonicBed.Random(51, 70_000));
        await NextStateAsync();
        Directory.Move(_bed["folder 2"], _bed["made/moved"]);
        File.Delete(_bed["folder 0/0"]);
        await NextStateAsync();
        await UntilAsync(await _bed.ImportAsync());
        Assert.Equal(PlatonicBed.Random(5, 20_000), await _bed.ReadAsync(_store, "made/moved/5"));
    }

    [Fact]
    public async Task A_file_that_proves_to_be_another_when_it_is_read_is_indexed_again()
    {
        _bed.Write("folder/file", PlatonicBed.Random(1, 50_000));
        await StartAsync();
        await using var reader = await _bed.OpenAsync(isReadOnly: true);
        reader.Suspects.Note("folder/file"u8.ToArray());
        while (!File.Exists(_store.Layout.LastScan) || PlatonicFiles.ReadLastScan(_store.Layout) is not { FilesRead: 1, Entries: 1, Directories: 2 } || _store.ReadSuspects().Count > 0)
            await Task.WhenAny(_watching, NextFileAsync(_store.Layout.Root));
        Assert.False(_watching.IsCompleted);
    }

    [Fact]
    public async Task One_process_watches_and_says_who_it_is()
    {
        await StartAsync();
        Assert.Equal(Environment.ProcessId, PlatonicFiles.ReadWatcher(_store.Layout)!.Process);
        await using var other = await _bed.OpenAsync();
        var refused = await Assert.ThrowsAsync<UserErrorException>(() => new PlatonicWatcher(other, new ScanOptions { Archive = _bed.Archive }, new WatchOptions()).RunAsync(default));
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watching);
        Assert.Null(PlatonicFiles.ReadWatcher(_store.Layout));
    }

    async Task StartAsync()
    {
        var options = new WatchOptions { Settle = TimeSpan.FromMilliseconds(150), Log = line => _log.Writer.TryWrite(line), OnReady = _ready.SetResult };
        _watching = new PlatonicWatcher(_store, new ScanOptions { Archive = _bed.Archive, OnIssue = _bed.Issues.Add }, options).RunAsync(_stopping.Token);
        await (await Task.WhenAny(_ready.Task, _watching)).WaitAsync(_patience);
        while (_log.Reader.TryRead(out _))
        {
        }
    }

    async Task NextStateAsync()
    {
        string line;
        do
            line = await _log.Reader.ReadAsync().AsTask().WaitAsync(_patience);
        while (!line.Contains("a new state", StringComparison.Ordinal));
    }

    async Task UntilAsync(Dirent root)
    {
        while (!Newest().Equals(root))
            await NextStateAsync();
    }

    Dirent Newest() => new ArchiveFile(_bed.Archive, TimeProvider.System).ReadLast()!.Root;

    static async Task NextFileAsync(string folder)
    {
        using var watcher = new FileSystemWatcher(folder);
        var changed = new TaskCompletionSource();
        watcher.Renamed += (_, _) => changed.TrySetResult();
        watcher.EnableRaisingEvents = true;
        await changed.Task.WaitAsync(_patience);
    }
}
