namespace Vt.Stores.Streams.Client;

/// <summary>Who is told what becomes of a connection. Called from any thread, and not to wait.</summary>
interface IConnectionOwner
{
    /// <summary>The server takes no more calls over it; what was begun is answered yet.</summary>
    void Leaving(StreamConnection connection);

    /// <summary>It is lost, which happens once.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cause">Why.</param>
    /// <param name="left">The calls that were not answered, in their order.</param>
    void Lost(StreamConnection connection, Exception cause, List<Call> left);
}
