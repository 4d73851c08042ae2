using System.Net.Sockets;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>A way in: what makes a line of a socket that came, and finds out what its owner may do.</summary>
public abstract class Doorway
{
    /// <summary>Names the way in, for the log.</summary>
    public abstract string Description { get; }

    /// <summary>The secret that clients have to know; empty where they needn't.</summary>
    public virtual ReadOnlyMemory<byte> Secret => default;

    /// <summary>Makes a line.</summary>
    /// <param name="socket">The socket, which is the line's from here on, or closed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The line, and what its owner may do; null where it may not come in.</returns>
    public abstract Task<(StreamLine Line, ClientRights Rights)?> LetInAsync(Socket socket, CancellationToken cancellationToken);
}
