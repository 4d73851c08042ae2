namespace Vt.Stores.Faults;

/// <summary>When a fault strikes: on calls that it can strike, counted from 0 for each rule.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="First">The first call that it strikes.</param>
/// <param name="Count">How many from there on; by default all.</param>
/// <param name="Every">Of these, each so manieth.</param>
public sealed record FaultRule(FaultKind Kind, long First = 0, long Count = long.MaxValue, long Every = 1)
{
    long _calls;

    /// <summary>How long <see cref="FaultKind.Delay"/> takes.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Counts a call.</summary>
    /// <returns>Whether the fault strikes it.</returns>
    internal bool Strikes()
    {
        var call = Interlocked.Increment(ref _calls) - 1;
        return call >= First && call - First < Count && (call - First) % Every == 0;
    }
}
