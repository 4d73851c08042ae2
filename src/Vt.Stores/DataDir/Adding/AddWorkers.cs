using System.Collections.Concurrent;

namespace Vt.Stores.DataDir.Adding;

/// <summary>As many workers as there are processors, each used by one batch at a time; more would only take memory. Thread-safe.</summary>
/// <param name="level">The zstd level.</param>
sealed class AddWorkers(int level) : IDisposable
{
    readonly SemaphoreSlim _free = new(Environment.ProcessorCount);
    readonly ConcurrentBag<AddWorker> _idle = [];

    /// <summary>Takes a worker, waiting for one where all are busy.</summary>
    public async ValueTask<AddWorker> RentAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return _idle.TryTake(out var worker) ? worker : new AddWorker(level);
    }

    /// <summary>Gives a worker back.</summary>
    public void Return(AddWorker worker)
    {
        _idle.Add(worker);
        _free.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.TryTake(out var worker))
            worker.Dispose();
        _free.Dispose();
    }
}
