namespace Vt.Stores.S3.Access;

/// <summary>
/// When to try again: after a random part of a time that doubles (full jitter), so that many clients that failed together do not come back
/// together, until a deadline. One for each request; not thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="patience">How long to go on.</param>
/// <param name="first">The bound of the first pause.</param>
sealed class Backoff(TimeProvider time, TimeSpan patience, TimeSpan first)
{
    static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);

    readonly long _start = time.GetTimestamp();
    TimeSpan _bound = first;

    /// <summary>How long is left.</summary>
    public TimeSpan Left => patience - time.GetElapsedTime(_start);

    /// <summary>Waits before the next try.</summary>
    /// <returns>False, at once, where the deadline would have passed by then.</returns>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        // Not a secret: any two clients only have to differ.
        var pause = _bound * Random.Shared.NextDouble();
        if (pause >= Left)
            return false;
        _bound = _bound * 2 < _longest ? _bound * 2 : _longest;
        await Task.Delay(pause, time, cancellationToken);
        return true;
    }
}
