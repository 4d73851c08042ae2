namespace Vt.Stores.Streams.Client;

/// <summary>
/// Says over which of a store's links a call goes. Where all that are up are busy one more is made ready for those who come next: a small command needs no more than one, and where a further
/// one can't be made the others do. While one is on its way, who has much to send or to fetch waits for it rather than for all that the others have to carry first: a line that is long carries
/// a window's worth for each of its delays, and what was given to it stays with it. Thread-safe.
/// </summary>
sealed class LinkChooser
{
    // Of a MiB or so each: as much as keeps an ssh channel busy, whose window has 2 MiB.
    const int MostBesideArriving = 4;

    readonly StreamLink[] _links;

    // Guards all below. A link's own lock is taken within it, never the other way.
    readonly Lock _gate = new();
    readonly LinkedList<TaskCompletionSource<int>> _waiters = [];
    readonly int[] _taken;
    uint _next;

    /// <summary>Chooses among links, the first of which is up.</summary>
    public LinkChooser(StreamLink[] links)
    {
        _links = links;
        _taken = new int[links.Length];
        foreach (var link in links)
            link.OnArrival = GrantAll;
    }

    /// <summary>A link for a call that is small.</summary>
    public StreamLink Next()
    {
        if (_links.Length == 1)
            return _links[0];
        lock (_gate)
            return _links[Best(out _)];
    }

    /// <summary>A link for a call that carries much one way or the other.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The link, to be given back when the call is over.</returns>
    public async ValueTask<Taken> TakeAsync(CancellationToken cancellationToken)
    {
        if (_links.Length == 1)
            return new Taken(null, _links[0], 0);
        LinkedListNode<TaskCompletionSource<int>> place;
        lock (_gate)
        {
            if (_waiters.Count == 0 && TryChoose(out var best))
                return Take(best);
            WarmAnother();
            place = _waiters.AddLast(new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            return new Taken(this, _links[await place.Value.Task.WaitAsync(cancellationToken)], place.Value.Task.Result);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place);
            throw;
        }
    }

    void GiveUp(LinkedListNode<TaskCompletionSource<int>> place)
    {
        lock (_gate)
        {
            if (place.List is not null)
                _waiters.Remove(place);
            else
                _taken[place.Value.Task.Result]--;
        }

        GrantAll();
    }

    void Give(int at)
    {
        lock (_gate)
            _taken[at]--;
        GrantAll();
    }

    void GrantAll()
    {
        lock (_gate)
        {
            while (_waiters.First is { } first && TryChoose(out var best))
            {
                _waiters.RemoveFirst();
                _taken[best]++;
                first.Value.SetResult(best);
            }
        }
    }

    Taken Take(int at)
    {
        _taken[at]++;
        return new Taken(this, _links[at], at);
    }

    bool TryChoose(out int best)
    {
        best = Best(out var isUp);
        return !isUp || _taken[best] < MostBesideArriving || !Array.Exists(_links, static link => link.IsArriving);
    }

    // That with the least to do of those that are up, in turn.
    int Best(out bool isUp)
    {
        var first = _next++;
        var (best, least) = (0, int.MaxValue);
        for (uint i = 0; i < _links.Length; i++)
        {
            var at = (int)((first + i) % (uint)_links.Length);
            if (_links[at].IsUp && _taken[at] + _links[at].UnderWay is var load && load < least)
                (best, least) = (at, load);
        }

        isUp = least < int.MaxValue;
        if (isUp && least > 0)
            WarmAnother();
        return best;
    }

    void WarmAnother()
    {
        foreach (var link in _links)
        {
            if (link.TryWarm())
                return;
        }
    }

    /// <summary>A link that a call has.</summary>
    public readonly struct Taken(LinkChooser? chooser, StreamLink link, int at) : IDisposable
    {
        /// <summary>The link.</summary>
        public StreamLink Link => link;

        /// <summary>Gives it back.</summary>
        public void Dispose() => chooser?.Give(at);
    }
}
