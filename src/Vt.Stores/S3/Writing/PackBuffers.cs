using System.Collections.Concurrent;

namespace Vt.Stores.S3.Writing;

/// <summary>
/// The memory that packs are put together in: a bounded number of arrays, made when they are needed, and kept until nothing has been written for a while. Thread-safe.
/// </summary>
/// <remarks>
/// They are not let go of at each flush: who writes much flushes several times a second, and the system takes longer to give the pages of a fresh array, one by one, than filling them takes.
/// </remarks>
sealed class PackBuffers : IDisposable
{
    /// <summary>After how long without a being given back they are memory for nothing.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    readonly int _size;
    readonly int _kept;
    readonly SemaphoreSlim _free;
    readonly ConcurrentBag<byte[]> _idle = [];
    readonly ITimer _timer;

    /// <summary>Begins without any.</summary>
    /// <param name="size">The length of each.</param>
    /// <param name="most">How many there may be.</param>
    /// <param name="kept">How many are kept for good once they were used.</param>
    /// <param name="clock">Says when they have rested for long enough.</param>
    public PackBuffers(int size, int most, int kept, TimeProvider clock)
    {
        _size = size;
        _kept = kept;
        _free = new SemaphoreSlim(most);
        _timer = clock.CreateTimer(static self => ((PackBuffers)self!).Trim(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many nobody uses now.</summary>
    public int Idle => _idle.Count;

    /// <summary>Takes one, waiting until an upload has given one back where all are used.</summary>
    public async ValueTask<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return _idle.TryTake(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(_size);
    }

    /// <summary>Gives one back.</summary>
    public void Return(byte[] buffer)
    {
        _idle.Add(buffer);
        _free.Release();
        if (_idle.Count > _kept)
            _timer.Change(Rest, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _free.Dispose();
    }

    // A mount that has come to rest allocates nothing, so nothing else would make the collector look: what was let go of would stay for as long as it runs.
    void Trim()
    {
        var dropped = 0;
        while (_idle.Count > _kept && _idle.TryTake(out _))
            dropped++;
        if (dropped > 0)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
