namespace Vt.Hosts.HttpServer;

/// <summary>Remembers what became of movements of references for some minutes, so that one whose answer was lost can be asked for again. Thread-safe.</summary>
/// <param name="clock">The clock.</param>
sealed class MoveTokens(TimeProvider clock)
{
    static readonly TimeSpan _kept = TimeSpan.FromMinutes(10);
    const int MostKept = 10_000;

    // Guards both.
    readonly Lock _gate = new();
    readonly Dictionary<Guid, Task<bool>> _outcomes = [];
    readonly Queue<(Guid Token, long Since)> _bySince = new();

    /// <summary>Makes a movement, or waits for the outcome of the same one.</summary>
    /// <param name="token">What it is known by.</param>
    /// <param name="move">Makes it.</param>
    public async Task<bool> MoveAsync(Guid token, Func<Task<bool>> move)
    {
        var outcome = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool>? before;
        lock (_gate)
        {
            Forget();
            if (!_outcomes.TryGetValue(token, out before))
            {
                _outcomes.Add(token, outcome.Task);
                _bySince.Enqueue((token, clock.GetTimestamp()));
            }
        }

        if (before is not null)
            return await before;
        try
        {
            var isMoved = await move();
            outcome.SetResult(isMoved);
            return isMoved;
        }
        catch (Exception fault)
        {
            // It is not known what became of it: whoever asks again is told the same.
            outcome.SetException(fault);
            _ = outcome.Task.Exception;
            throw;
        }
    }

    void Forget()
    {
        while (_bySince.TryPeek(out var oldest) && (_bySince.Count >= MostKept || clock.GetElapsedTime(oldest.Since) > _kept))
        {
            _bySince.Dequeue();
            _outcomes.Remove(oldest.Token);
        }
    }
}
