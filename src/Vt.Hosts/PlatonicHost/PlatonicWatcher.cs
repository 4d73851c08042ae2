using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;
using Vt.Stores.Platonic;
using Vt.Trees.Import;
using Vt.Trees.Watch;

namespace Vt.Hosts.PlatonicHost;

/// <summary>
/// Keeps a platonic store's index and archive up to date: it scans all at the start, from then on the folders in which something changes once that has settled, and
/// everything again from time to time. One process at a time watches a store.
/// </summary>
/// <remarks>
/// What changes while it is scanned is told by the monitor again. A file that can't be taken, as it changes while it is read, is tried again a minute later, and so is what
/// failed: what has changed is forgotten only when it has been scanned.
/// </remarks>
/// <param name="store">The store; not disposed.</param>
/// <param name="scanning">How it is scanned.</param>
/// <param name="options">How it is watched.</param>
public sealed class PlatonicWatcher(PlatonicStore store, ScanOptions scanning, WatchOptions options)
{
    const uint FileMode = 0x1a4;

    /// <summary>How many settling times pass at most before a folder that never settles is scanned.</summary>
    const int MostSettles = 10;

    static readonly TimeSpan _again = TimeSpan.FromMinutes(1);
    static readonly TimeSpan _look = TimeSpan.FromSeconds(5);

    // Told by the scanner's threads.
    readonly ConcurrentQueue<byte[]> _unsettled = new();
    readonly BlindSpots _blind = new(store.Folder, options.Rescan, options.Log);

    FolderChanges _waiting = FolderChanges.None with { IsAll = true };
    FolderChanges _later = FolderChanges.None;
    long _laterAt;

    /// <summary>Watches until it is cancelled.</summary>
    /// <exception cref="UserErrorException">Another process watches, or scans, or the archive is mounted for writing.</exception>
    /// <exception cref="StoreUnavailableException">The first scan failed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var held = Hold();
        await using var monitor = new FolderMonitor(LosslessText.ToBytes(store.Folder), new FolderMonitorOptions
        {
            MostWatches = options.MostWatches,
            FollowSymlinks = scanning.FollowSymlinks,
            SkippedDirectories = [store.Layout.Root, .. scanning.SkippedDirectories],
        });
        var scanner = new PlatonicScanner(store, scanning with { OnIssue = NoteIssue });
        Note(held, monitor);
        _blind.Say(monitor);
        await ScanAsync(scanner, cancellationToken);
        options.OnReady?.Invoke();
        var scannedAll = options.Clock.GetTimestamp();
        while (true)
        {
            await WaitAsync(monitor, scannedAll, cancellationToken);
            Note(held, monitor);
            _blind.Say(monitor);
            var isAll = _waiting.IsAll;
            if (await TryScanAsync(scanner, cancellationToken) && isAll)
                scannedAll = options.Clock.GetTimestamp();
        }
    }

    // Until there is something to scan, and it has settled.
    async Task WaitAsync(FolderMonitor monitor, long scannedAll, CancellationToken cancellationToken)
    {
        for (Gather(monitor, scannedAll); _waiting.IsNone; Gather(monitor, scannedAll))
            await WaitForAsync(monitor, _look, cancellationToken);

        for (var i = 0; i < MostSettles; i++)
        {
            await Task.Delay(options.Settle, options.Clock, cancellationToken);
            var more = monitor.Take();
            if (more.IsNone)
                return;
            _waiting = _waiting.And(more);
        }
    }

    async Task WaitForAsync(FolderMonitor monitor, TimeSpan most, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(monitor.WhenChangedAsync(both.Token), Task.Delay(most, options.Clock, both.Token));
        await both.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    void Gather(FolderMonitor monitor, long scannedAll)
    {
        _waiting = _waiting.And(monitor.Take());
        var suspects = store.ReadSuspects();
        if (suspects.Count > 0)
            _waiting = _waiting.And(new FolderChanges(FoldersOf(suspects), false));
        if (!_later.IsNone && options.Clock.GetElapsedTime(_laterAt) >= _again)
            (_waiting, _later) = (_waiting.And(_later), FolderChanges.None);
        if (options.Clock.GetElapsedTime(scannedAll) >= _blind.RescanOf(monitor))
            _waiting = _waiting with { IsAll = true };
    }

    async Task<bool> TryScanAsync(PlatonicScanner scanner, CancellationToken cancellationToken)
    {
        try
        {
            await ScanAsync(scanner, cancellationToken);
            return true;
        }
        catch (Exception fault) when (fault is UserErrorException or StoreUnavailableException or StoreFullException or FormatInvalidException
            or BlockMissingException or BlockCorruptException or IOException)
        {
            options.Log?.Invoke($"{store.Folder}: what has changed is looked at again in a minute: {fault.Message}");
            return false;
        }
    }

    async Task ScanAsync(PlatonicScanner scanner, CancellationToken cancellationToken)
    {
        // Put back first, for the case that it fails.
        var (changes, earlier) = (_waiting, _later);
        Postpone(changes);
        _waiting = FolderChanges.None;
        var counters = new ImportCounters();
        var result = await scanner.ScanAsync(counters, changes.ToScope(), workers: 1, cancellationToken);
        _later = changes.IsAll ? FolderChanges.None : earlier;
        var unsettled = new List<byte[]>();
        while (_unsettled.TryDequeue(out var path))
            unsettled.Add(path);
        Postpone(new FolderChanges(FoldersOf(unsettled), false));
        if (result.State is not null)
            options.Log?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{store.Folder}: a new state: {counters.FilesRead} files read, {counters.BytesRead} bytes"));
    }

    void Postpone(FolderChanges changes)
    {
        if (_later.IsNone)
            _laterAt = options.Clock.GetTimestamp();
        _later = _later.And(changes);
    }

    void NoteIssue(ImportIssue issue)
    {
        scanning.OnIssue?.Invoke(issue);
        if (issue.Kind == ImportIssueKind.Changed)
            _unsettled.Enqueue(issue.Path.ToArray());
    }

    static HashSet<byte[]> FoldersOf(IEnumerable<byte[]> files)
    {
        var folders = new HashSet<byte[]>(PathBytes.Instance);
        foreach (var file in files)
        {
            var slash = file.AsSpan().LastIndexOf((byte)'/');
            folders.Add(slash < 0 ? [] : file[..slash]);
        }

        return folders;
    }

    FileDescriptor Hold()
    {
        var file = PosixFile.Open(store.Layout.Watching, OpenFlags.O_RDWR | OpenFlags.O_CREAT, FileMode);
        if (Locks.LockRange(file, LockKind.Exclusive, 0, 1, wait: false))
            return file;
        file.Dispose();
        throw new UserErrorException($"{store.Folder} is being watched by {PlatonicFiles.ReadWatcher(store.Layout)?.ToString() ?? "another process"}");
    }

    // For people who ask.
    static void Note(FileDescriptor held, FolderMonitor monitor)
    {
        PosixFile.Ftruncate(held, 0);
        PosixFile.PwriteFully(held, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {monitor.Watches} {monitor.Unwatched}\n")), 0);
    }
}
