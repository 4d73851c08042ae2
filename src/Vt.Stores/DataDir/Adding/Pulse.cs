namespace Vt.Stores.DataDir.Adding;

/// <summary>Wakes whoever waits for the next change of something that they look at again then. Thread-safe.</summary>
sealed class Pulse
{
    TaskCompletionSource? _next;

    /// <summary>Completes at the next <see cref="Set"/>: to be taken before looking.</summary>
    public Task Next
    {
        get
        {
            var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _next, fresh, null) ?? fresh).Task;
        }
    }

    /// <summary>Wakes all that wait now. Costs nothing when nobody does.</summary>
    public void Set() => Interlocked.Exchange(ref _next, null)?.SetResult();
}
