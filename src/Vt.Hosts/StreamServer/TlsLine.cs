using System.Net.Security;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>An encrypted line of a client.</summary>
/// <param name="stream">The stream.</param>
/// <param name="channel">The digest of the server's key.</param>
/// <param name="isKnown">Whether the client's key is known, so that it needn't prove anything else.</param>
sealed class TlsLine(SslStream stream, ReadOnlyMemory<byte> channel, bool isKnown) : StreamLine
{
    /// <summary>Whether the client's key is known.</summary>
    public bool IsKnown => isKnown;

    /// <inheritdoc/>
    public override Stream Input => stream;

    /// <inheritdoc/>
    public override Stream Output => stream;

    /// <inheritdoc/>
    public override bool WaitsWithoutBuffer => true;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Channel => channel;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => stream.DisposeAsync();
}
