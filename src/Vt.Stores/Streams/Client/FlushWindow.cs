using Vt.Blocks.Contracts;

namespace Vt.Stores.Streams.Client;

/// <summary>
/// Bounds what is kept for a server that may be started anew: beyond half of the bound a flush is begun, whose end nobody waits for; at the bound
/// adds wait for one. Thread-safe.
/// </summary>
/// <param name="most">The bound, in bytes.</param>
/// <param name="flush">Flushes.</param>
sealed class FlushWindow(long most, Func<CancellationToken, Task> flush) : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();

    // Guards the flush that is under way.
    readonly Lock _gate = new();
    Task? _flushing;

    /// <summary>Waits until there is room for more.</summary>
    /// <param name="kept">How many bytes are kept now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreUnavailableException">There is none, since nothing can be made durable.</exception>
    public async ValueTask WaitForRoomAsync(long kept, CancellationToken cancellationToken)
    {
        if (kept >= most)
            await BeginAsync().WaitAsync(cancellationToken);
    }

    /// <summary>Begins a flush where it is time for one.</summary>
    /// <param name="kept">How many bytes are kept now.</param>
    public void FlushIfWorthwhile(long kept)
    {
        // Its failure shows in the next flush: what it was for is kept on.
        if (kept >= most / 2)
            _ = BeginAsync().ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task? flushing;
        lock (_gate)
            flushing = _flushing;
        if (flushing is not null)
            await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    Task BeginAsync()
    {
        lock (_gate)
        {
            if (_flushing is not { IsCompleted: false })
                _flushing = flush(_stop.Token);
            return _flushing;
        }
    }
}
