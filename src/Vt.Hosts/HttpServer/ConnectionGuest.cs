using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Vt.Hosts.HttpServer;

/// <summary>A connection, as <see cref="ConnectionRoom"/> knows it.</summary>
/// <param name="connection">The connection.</param>
sealed class ConnectionGuest(ConnectionContext connection)
{
    /// <summary>Its place among those for whom nothing is under way; null while something is. The room's.</summary>
    public LinkedListNode<ConnectionGuest>? Place { get; set; }

    /// <summary>Whether it has asked for something. The room's.</summary>
    public bool HasAsked { get; set; }

    /// <summary>Ends the connection. Who has asked for something may still be taking the last of the answer, and gets it.</summary>
    public void SendAway()
    {
        if (HasAsked && connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } notice)
            notice.RequestClose();
        else
            connection.Abort(new ConnectionAbortedException("room is needed for others"));
    }
}
