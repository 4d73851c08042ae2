using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>A line to a server that listens: all that is said goes through a relay, which counts it.</summary>
/// <param name="relay">The relay; goes with the line.</param>
/// <param name="settings">The store at the near end of the relay.</param>
/// <param name="kill">Kills the server, if it is one that can be killed.</param>
/// <param name="start">Starts it at the same address; is through when it serves.</param>
sealed class RelayedLine(CountingRelay relay, string settings, Action kill, Action start) : BreakableLine
{
    readonly TaskCompletionSource _isMended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public override string Settings => settings;

    /// <inheritdoc/>
    public override int Breaks => relay.Breaks;

    /// <inheritdoc/>
    public override void BreakAt(bool isInAnswers, bool isForGood, params long[] places) => relay.BreakAt(
        isInAnswers,
        () => Task.Run(kill),
        async () =>
        {
            // Somebody tries again while nobody is there.
            await (isForGood ? _isMended.Task : relay.AwaitRefusalAsync());
            await Task.Run(start);
        },
        places);

    /// <inheritdoc/>
    public override void Mend() => _isMended.SetResult();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _isMended.TrySetResult();
        relay.Dispose();
    }
}
