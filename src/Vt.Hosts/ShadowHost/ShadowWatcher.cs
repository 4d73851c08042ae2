using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;
using Vt.Trees.Import;
using Vt.Trees.Shadow;
using Vt.Trees.Watch;

namespace Vt.Hosts.ShadowHost;

/// <summary>Keeps a folder and an archive equal until it is cancelled: a round at the start, and one whenever either side has changed.</summary>
/// <remarks>
/// The folder is followed by inotify; only folders in which something happened are looked at. The archive is asked for its length: that costs one call, and also tells of what
/// other machines write to a file that they share. What fails is tried again a minute later, and what has changed is forgotten only when a round has taken it.
/// </remarks>
/// <param name="round">Does a round.</param>
/// <param name="shadow">What is kept equal.</param>
/// <param name="options">How it is followed.</param>
public sealed class ShadowWatcher(ShadowRound round, ShadowOptions shadow, ShadowWatchOptions options)
{
    /// <summary>How many settling times pass at most before a folder that never settles is looked at.</summary>
    const int MostSettles = 10;

    static readonly TimeSpan _again = TimeSpan.FromMinutes(1);

    readonly BlindSpots _blind = new(shadow.Folder, options.Rescan, options.OnFault);

    FolderChanges _changes = FolderChanges.None with { IsAll = true };
    FolderChanges _later = FolderChanges.None;
    bool _isLater;
    long _laterAt;
    long _wholeAt;
    (ulong Inode, long Size)? _known;

    /// <summary>Follows both.</summary>
    /// <exception cref="UserErrorException">The first round is refused.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var monitor = new FolderMonitor(LosslessText.ToBytes(shadow.Folder), new FolderMonitorOptions
        {
            MostWatches = options.MostWatches,
            SkippedDirectories = shadow.SkippedDirectories,
        });
        _blind.Say(monitor);
        await RoundAsync(cancellationToken);
        options.OnReady?.Invoke();
        while (true)
        {
            await WaitAsync(monitor, cancellationToken);
            try
            {
                await RoundAsync(cancellationToken);
            }
            catch (Exception fault) when (fault is UserErrorException or StoreUnavailableException or StoreFullException or FormatInvalidException
                or BlockMissingException or BlockCorruptException or IOException)
            {
                options.OnFault?.Invoke($"{shadow.Folder}: tried again in a minute: {fault.Message}");
            }
        }
    }

    async Task RoundAsync(CancellationToken cancellationToken)
    {
        // Put back first, for the case that it fails.
        var (changes, known) = (_changes, Look());
        Postpone(changes);
        _changes = FolderChanges.None;
        var report = await round.RunAsync(new ImportCounters(), changes.ToScope(), cancellationToken);
        (_later, _isLater, _known) = (FolderChanges.None, false, known);
        if (changes.IsAll)
            _wholeAt = shadow.Clock.GetTimestamp();
        var unsettled = round.Unsettled.Concat(report.WaitsByDirection ? [] : report.Waiting.Select(static one => one.Path)).ToList();
        if (unsettled.Count > 0)
            Postpone(new FolderChanges(FoldersOf(unsettled), false));
        if (!report.IsQuiet)
            options.OnRound?.Invoke(report);
    }

    // Until either side has changed, and the folder has settled.
    async Task WaitAsync(FolderMonitor monitor, CancellationToken cancellationToken)
    {
        while (!Gather(monitor))
            await WaitForAsync(monitor, cancellationToken);
        for (var i = 0; i < MostSettles; i++)
        {
            await Task.Delay(options.Settle, shadow.Clock, cancellationToken);
            var more = Take(monitor);
            if (more.IsNone)
                return;
            _changes = _changes.And(more);
        }
    }

    async Task WaitForAsync(FolderMonitor monitor, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(monitor.WhenChangedAsync(both.Token), Task.Delay(options.Interval, shadow.Clock, both.Token));
        await both.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    bool Gather(FolderMonitor monitor)
    {
        _changes = _changes.And(Take(monitor));
        if (_isLater && shadow.Clock.GetElapsedTime(_laterAt) >= _again)
            (_changes, _later, _isLater) = (_changes.And(_later).And(new FolderChanges(new HashSet<byte[]>([[]], PathBytes.Instance), false)), FolderChanges.None, false);
        _blind.Say(monitor);
        if (shadow.Clock.GetElapsedTime(_wholeAt) >= _blind.RescanOf(monitor))
            _changes = _changes with { IsAll = true };

        // What failed waits for its minute, whatever the archive is like.
        return !_changes.IsNone || (!_isLater && Look() != _known);
    }

    // What happens where things get ready is nobody's change.
    static FolderChanges Take(FolderMonitor monitor)
    {
        var changes = monitor.Take();
        return changes with { Folders = changes.Folders.Where(static path => !ShadowFolder.IsOwn(path)).ToHashSet(PathBytes.Instance) };
    }

    (ulong Inode, long Size)? Look() => PosixFile.TryStat(shadow.Archive, out var status) == Errno.OK ? (status.Inode, status.Size) : null;

    void Postpone(FolderChanges changes)
    {
        if (!_isLater)
            _laterAt = shadow.Clock.GetTimestamp();
        (_later, _isLater) = (_later.And(changes), true);
    }

    static HashSet<byte[]> FoldersOf(IEnumerable<byte[]> paths)
    {
        var folders = new HashSet<byte[]>(PathBytes.Instance);
        foreach (var path in paths)
        {
            var slash = path.AsSpan().LastIndexOf((byte)'/');
            folders.Add(slash < 0 ? [] : path[..slash]);
        }

        return folders;
    }
}
