using System.Collections.Concurrent;

namespace Vt.Stores.S3.Writing;

/// <summary>The memory that packs are put together in: a bounded number of arrays, made when they are needed. Thread-safe.</summary>
/// <param name="size">The length of each.</param>
/// <param name="most">How many.</param>
sealed class PackBuffers(int size, int most) : IDisposable
{
    readonly SemaphoreSlim _free = new(most);
    readonly ConcurrentBag<byte[]> _idle = [];

    /// <summary>Takes one, waiting until an upload has given one back where all are used.</summary>
    public async ValueTask<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return _idle.TryTake(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Gives one back.</summary>
    public void Return(byte[] buffer)
    {
        _idle.Add(buffer);
        _free.Release();
    }

    /// <summary>Lets go of those that nobody uses: between flushes they are memory for nothing.</summary>
    public void Trim(int kept)
    {
        while (_idle.Count > kept && _idle.TryTake(out _))
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();
}
