namespace Vt.Fuse.Session;

/// <summary>
/// Interrupted requests whose callers live on. The kernel tells of a caller's first signal alone, so who is killed after it was sent another has to be
/// looked for. Costs nothing while there are none.
/// </summary>
/// <param name="tryEnd">Ends the request of a number if its caller is killed; false where it need not be watched any more.</param>
sealed class InterruptWatch(Func<ulong, bool> tryEnd)
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    readonly Lock _gate = new(); // guards everything below
    readonly List<ulong> _requests = [];
    Task? _looking;
    bool _isStopped;

    /// <summary>Watches a request.</summary>
    public void Add(ulong request)
    {
        lock (_gate)
        {
            if (_isStopped || _requests.Contains(request))
                return;
            _requests.Add(request);
            _looking ??= LookAsync();
        }
    }

    /// <summary>Watches no more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            _requests.Clear();
        }
    }

    async Task LookAsync()
    {
        while (true)
        {
            await Task.Delay(Pause);
            ulong[] requests;
            lock (_gate)
                requests = [.. _requests];
            var over = requests.Where(request => !tryEnd(request)).ToHashSet();
            lock (_gate)
            {
                _requests.RemoveAll(over.Contains);
                if (_requests.Count > 0)
                    continue;
                _looking = null;
                return;
            }
        }
    }
}
