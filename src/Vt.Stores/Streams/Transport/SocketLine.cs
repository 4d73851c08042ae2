using System.Net.Sockets;

namespace Vt.Stores.Streams.Transport;

/// <summary>A line over a socket, perhaps with encryption between.</summary>
public sealed class SocketLine : StreamLine
{
    readonly Stream _stream;
    readonly ReadOnlyMemory<byte> _channel;

    /// <summary>Takes a connected socket over.</summary>
    /// <param name="socket">The socket.</param>
    public SocketLine(Socket socket)
        : this(new NetworkStream(socket, ownsSocket: true), default)
    {
    }

    /// <summary>Takes a stream over that encrypts what goes over a socket.</summary>
    /// <param name="encrypted">The stream.</param>
    /// <param name="channel">The digest of the server's public key.</param>
    public SocketLine(Stream encrypted, ReadOnlyMemory<byte> channel)
    {
        _stream = encrypted;
        _channel = channel;
    }

    /// <inheritdoc/>
    public override Stream Input => _stream;

    /// <inheritdoc/>
    public override Stream Output => _stream;

    /// <inheritdoc/>
    public override bool WaitsWithoutBuffer => true;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Channel => _channel;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _stream.DisposeAsync();
}
