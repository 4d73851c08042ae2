using Vt.Hosts.Listening;

namespace Vt.Hosts.StreamServer;

/// <summary>A client that has not shown who it is: it has some time for that, and goes at once where room is needed and nobody has waited longer. Its owner's, but to be sent away.</summary>
sealed class Newcomer : IDisposable
{
    readonly CancellationTokenSource _limited;
    readonly ArrivalOrder<Newcomer>? _order;
    readonly LinkedListNode<Newcomer>? _place;
    bool _hasLeft;

    /// <summary>Lets one wait.</summary>
    /// <param name="order">The others who do; null for one who is told to come again, which nobody has to make room for.</param>
    /// <param name="patience">How much time it has.</param>
    /// <param name="end">When nobody is let in any more.</param>
    public Newcomer(ArrivalOrder<Newcomer>? order, TimeSpan patience, CancellationToken end)
    {
        _limited = CancellationTokenSource.CreateLinkedTokenSource(end);
        _limited.CancelAfter(patience);
        Token = _limited.Token;
        _order = order;
        _place = order?.Add(this);
    }

    /// <summary>Ends its time.</summary>
    public CancellationToken Token { get; }

    /// <summary>It waits no longer, since it is known or gone. May be called again.</summary>
    /// <returns>False where it was sent away.</returns>
    public bool TryLeave() => _hasLeft |= _place is null || _order!.TryLeave(_place);

    /// <summary>Sends away whoever has waited longest.</summary>
    /// <returns>False where nobody waits.</returns>
    public static bool TrySendAway(ArrivalOrder<Newcomer> order)
    {
        if (!order.TryTakeOldest(out var oldest))
            return false;
        try
        {
            _ = oldest._limited.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It goes by itself just now.
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TryLeave();
        _limited.Dispose();
    }
}
