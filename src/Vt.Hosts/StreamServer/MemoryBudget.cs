namespace Vt.Hosts.StreamServer;

/// <summary>Bytes that all sessions together may hold; whoever wants more waits its turn. Thread-safe.</summary>
sealed class MemoryBudget
{
    readonly long _all;

    // Guards the two below.
    readonly Lock _gate = new();
    readonly LinkedList<Waiter> _waiters = [];
    long _left;

    /// <summary>Makes a budget.</summary>
    /// <param name="bytes">How many bytes.</param>
    public MemoryBudget(long bytes) => _all = _left = bytes;

    /// <summary>Takes bytes, as soon as there are so many.</summary>
    /// <param name="count">How many; a count over the whole budget waits for all of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask TakeAsync(int count, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> place;
        lock (_gate)
        {
            if (_waiters.Count == 0 && _left >= Math.Min(count, _all))
            {
                _left -= count;
                return;
            }

            place = _waiters.AddLast(new Waiter(count, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await place.Value.Granted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                if (place.List is not null)
                    _waiters.Remove(place);
                else
                    _left += count;
                Grant();
            }

            throw;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Give(int count)
    {
        lock (_gate)
        {
            _left += count;
            Grant();
        }
    }

    void Grant()
    {
        while (_waiters.First is { } first && _left >= Math.Min(first.Value.Count, _all))
        {
            _left -= first.Value.Count;
            _waiters.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }

    readonly record struct Waiter(int Count, TaskCompletionSource Granted);
}
