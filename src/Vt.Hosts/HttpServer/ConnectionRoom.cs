using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Vt.Hosts.Listening;

namespace Vt.Hosts.HttpServer;

/// <summary>
/// Bounds how many connections there are. Where one more comes, whoever has been idle longest goes; where none is idle, the new one does. So nobody keeps others out by
/// holding connections and asking for nothing. Thread-safe.
/// </summary>
/// <param name="most">How many there may be.</param>
sealed class ConnectionRoom(int most)
{
    readonly ArrivalOrder<ConnectionGuest> _idle = new();
    int _count;

    /// <summary>Speaks with a client if there is room, and makes that if need be.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="next">Speaks with the client.</param>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!TryEnter())
        {
            connection.Abort(new ConnectionAbortedException("there is no room"));
            return;
        }

        var guest = new ConnectionGuest(connection);
        connection.Features.Set(guest);
        guest.Place = _idle.Add(guest);
        try
        {
            await next(connection);
        }
        finally
        {
            // Who was sent away has left its room to another.
            if (TryLeaveIdle(guest))
                Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>A request begins: its connection is not idle until <see cref="End"/>.</summary>
    /// <returns>What has to be given to that; null of a connection that is about to end.</returns>
    public ConnectionGuest? Begin(IFeatureCollection features)
    {
        if (features.Get<ConnectionGuest>() is not { } guest || !TryLeaveIdle(guest))
            return null;
        guest.HasAsked = true;
        return guest;
    }

    /// <summary>A request has ended.</summary>
    public void End(ConnectionGuest? guest)
    {
        if (guest is not null)
            guest.Place = _idle.Add(guest);
    }

    // A guest is at most at one place, and its connection's own work comes one after another.
    bool TryLeaveIdle(ConnectionGuest guest) => guest.Place is { } place && _idle.TryLeave(place);

    bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= most)
            return true;
        Interlocked.Decrement(ref _count);
        if (!_idle.TryTakeOldest(out var oldest))
            return false;
        oldest.SendAway();
        return true;
    }
}
