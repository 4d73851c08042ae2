using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>A request is answered by a failure that no store has.</summary>
/// <param name="kind">Which.</param>
/// <param name="message">What went wrong, in one line.</param>
sealed class RequestFaultException(StreamFaultKind kind, string message) : Exception(message)
{
    /// <summary>The failure.</summary>
    public StreamFault Fault { get; } = new(kind, message);
}
