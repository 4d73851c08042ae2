using Vt.Posix;
using Vt.Posix.Sockets;

namespace Vt.Trees.Watch;

/// <summary>
/// Tells in which folders of a tree something may have changed, by inotify. It never says less than has happened: where events are lost or folders can't be
/// watched, it says so, and whoever asks looks at everything. What has changed there, and from what to what, an import that looks at those folders finds out.
/// </summary>
/// <remarks>One thread of its own reads events, in bursts, so that many at once cost little. Memory: the watches, and the folders that were not taken yet.</remarks>
public sealed class FolderMonitor : IAsyncDisposable
{
    /// <summary>How long an event may wait before it is read when nothing else happens.</summary>
    static readonly TimeSpan _burst = TimeSpan.FromMilliseconds(50);

    static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    readonly Inotify? _inotify;
    readonly WatchedFolders? _watched;
    readonly CancellationTokenSource _stopping = new();
    readonly Task _reading;

    // Guards the four below.
    readonly Lock _gate = new();
    HashSet<byte[]> _changed = new(PathBytes.Instance);
    TaskCompletionSource _something = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool _isAll;
    (int Watches, int Unwatched) _figures;

    volatile bool _mustReset;
    volatile Exception? _whyBlind;

    /// <summary>Starts to watch. What happens from now on is told; what was before, a scan has to find.</summary>
    /// <param name="folder">The folder, in bytes.</param>
    /// <param name="options">How; null for the defaults.</param>
    public FolderMonitor(byte[] folder, FolderMonitorOptions? options = null)
    {
        try
        {
            _inotify = new Inotify();
        }
        catch (PosixException refused)
        {
            // The user has as many as the system allows, or the process as many files.
            _whyBlind = refused;
            NoteFigures();
            _reading = Task.CompletedTask;
            return;
        }

        _watched = new WatchedFolders(_inotify, folder, options ?? new FolderMonitorOptions());
        _mustReset = !_watched.Reset();
        NoteFigures();
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>How many folders are watched.</summary>
    public int Watches
    {
        get
        {
            lock (_gate)
                return _figures.Watches;
        }
    }

    /// <summary>How many folders can't be watched, so that what changes in them is found by scans of everything alone.</summary>
    public int Unwatched
    {
        get
        {
            lock (_gate)
                return _figures.Unwatched;
        }
    }

    /// <summary>Why nothing is told of any folder; null where something is. Then all of them count as one that can't be watched.</summary>
    public Exception? WhyBlind => _whyBlind;

    /// <summary>Waits until there is something to take.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WhenChangedAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
            return _something.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Takes what has changed since the last time.</summary>
    public FolderChanges Take()
    {
        lock (_gate)
        {
            var changes = new FolderChanges(_changed, _isAll);
            _changed = new HashSet<byte[]>(PathBytes.Instance);
            _isAll = false;
            if (_something.Task.IsCompleted)
                _something = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return changes;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        _inotify?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Does as if events had been lost.</summary>
    internal void LoseEvents() => _mustReset = true;

    void Apply(List<InotifyEvent> events, WatchedFolders watched)
    {
        var changed = new HashSet<byte[]>(PathBytes.Instance);
        foreach (var one in events)
            Apply(one, watched, changed);
        Note(changed, isAll: false);
    }

    // Whatever ends the reading, nothing more would be told: who asks hears that.
    void Read()
    {
        try
        {
            Read(_inotify!, _watched!);
        }
        catch (Exception failed) when (failed is IOException or PosixException)
        {
            _whyBlind = failed;
            Note([], isAll: true);
            NoteFigures();
        }
    }

    void Read(Inotify inotify, WatchedFolders watched)
    {
        var events = new List<InotifyEvent>();
        while (!_stopping.IsCancellationRequested)
        {
            // A timeout only for a folder that is gone and may come back, and for the end.
            var ready = Polling.Wait(inotify.File, PollEvents.POLLIN, _look);
            if (ready != PollEvents.None)
            {
                _stopping.Token.WaitHandle.WaitOne(_burst);
                events.Clear();
                while (inotify.Read(events) && events.Count < 1 << 16)
                {
                }

                Apply(events, watched);
            }

            if (_mustReset && watched.Reset())
            {
                _mustReset = false;
                Note([], isAll: true);
            }

            NoteFigures();
        }
    }

    void Apply(in InotifyEvent one, WatchedFolders watched, HashSet<byte[]> changed)
    {
        if (one.Events.HasFlag(InotifyEvents.IN_Q_OVERFLOW))
        {
            _mustReset = true;
            return;
        }

        var paths = watched.PathsOf(one.Watch);
        if (one.Events.HasFlag(InotifyEvents.IN_IGNORED))
        {
            _mustReset |= paths.Any(static path => path.Length == 0);
            watched.Forget(one.Watch);
            return;
        }

        // The folder that is watched itself: whoever looks says that it is gone.
        if ((one.Events & (InotifyEvents.IN_MOVE_SELF | InotifyEvents.IN_UNMOUNT)) != 0 && paths.Any(static path => path.Length == 0))
            _mustReset = true;
        foreach (var path in paths.ToArray())
        {
            changed.Add(path);
            if (one.Name.Length > 0 && one.Events.HasFlag(InotifyEvents.IN_ISDIR))
                ApplyToFolder(PathBytes.Join(path, one.Name), one.Events, watched, changed);
            else if (one.Name.Length > 0 && (one.Events & (InotifyEvents.IN_CREATE | InotifyEvents.IN_MOVED_TO)) != 0)
                watched.AddLinked(PathBytes.Join(path, one.Name), changed);
        }
    }

    static void ApplyToFolder(byte[] path, InotifyEvents events, WatchedFolders watched, HashSet<byte[]> changed)
    {
        if ((events & (InotifyEvents.IN_DELETE | InotifyEvents.IN_MOVED_FROM)) != 0)
            watched.Remove(path);
        else if ((events & (InotifyEvents.IN_CREATE | InotifyEvents.IN_MOVED_TO)) != 0)
            watched.Add(path, changed);
        else
            changed.Add(path);
    }

    void Note(HashSet<byte[]> changed, bool isAll)
    {
        lock (_gate)
        {
            _changed.UnionWith(changed);
            _isAll |= isAll;
            if (_changed.Count > 0 || _isAll)
                _something.TrySetResult();
        }
    }

    void NoteFigures()
    {
        lock (_gate)
            _figures = _watched is null || _whyBlind is not null ? (0, 1) : (_watched.Count, _watched.Unwatched);
    }
}
