namespace Vt.Trees.Sync;

/// <summary>Holds transfers back so that no more than so many bytes a second go, over a second or two. Thread-safe.</summary>
/// <param name="bytesPerSecond">How many; null for no bound.</param>
/// <param name="time">The clock.</param>
public sealed class ByteRate(long? bytesPerSecond, TimeProvider time)
{
    // Guards the moment at which what was let go so far will have gone.
    readonly Lock _gate = new();
    TimeSpan _free;
    readonly long _start = time.GetTimestamp();

    /// <summary>How many bytes a second at most; null for no bound.</summary>
    public long? BytesPerSecond => bytesPerSecond;

    /// <summary>Waits until bytes may go.</summary>
    public async ValueTask WaitAsync(long bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond is not { } rate)
            return;
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetElapsedTime(_start);
            if (_free < now)
                _free = now;
            wait = _free - now;
            _free += TimeSpan.FromSeconds((double)bytes / rate);
        }

        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }
}
