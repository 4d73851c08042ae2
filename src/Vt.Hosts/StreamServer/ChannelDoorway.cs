using System.Net.Sockets;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>
/// A unix socket to which ssh forwards further channels of a client that is here already. Its path is known to whoever lists the processes, so each side has to prove that it knows the key which that
/// client told over its first line.
/// </summary>
/// <param name="key">The key.</param>
public sealed class ChannelDoorway(SessionKey key) : Doorway
{
    /// <inheritdoc/>
    public override string Description => "a forwarded channel";

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Secret => key.Value;

    /// <inheritdoc/>
    public override Task<(StreamLine Line, ClientRights Rights)?> LetInAsync(Socket socket, CancellationToken cancellationToken) => key.Value.IsEmpty
        ? throw new IOException("nobody has told a key yet")
        : Task.FromResult<(StreamLine, ClientRights)?>((new SocketLine(socket), ClientRights.All));
}
