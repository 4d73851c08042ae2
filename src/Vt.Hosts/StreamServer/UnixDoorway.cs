using System.Net.Sockets;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>A unix socket: whom the file system's permissions let connect may come in.</summary>
/// <param name="path">Where it is.</param>
public sealed class UnixDoorway(string path) : Doorway
{
    /// <inheritdoc/>
    public override string Description => path;

    /// <inheritdoc/>
    public override Task<(StreamLine Line, ClientRights Rights)?> LetInAsync(Socket socket, CancellationToken cancellationToken) =>
        Task.FromResult<(StreamLine, ClientRights)?>((new SocketLine(socket), ClientRights.All));
}
