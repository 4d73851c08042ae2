using System.Net.Sockets;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Streams.Transport;

/// <summary>Connects to a server on this machine by a unix socket (unix(7)), which the file system's permissions guard.</summary>
/// <param name="path">The socket's path, absolute.</param>
public sealed class UnixConnector(string path) : ILineConnector
{
    // The kernel's own 208 KiB make both sides wake up for each piece of a large frame. Only here: a server holds one for each of thousands of clients.
    internal const int SendBuffer = 1 << 20;

    /// <inheritdoc/>
    public string Description => path;

    /// <inheritdoc/>
    public async ValueTask<StreamLine> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.SendBufferSize = SendBuffer;
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new SocketLine(socket);
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw fault.SocketErrorCode == SocketError.AccessDenied
                ? new StoreUnavailableException(Description, "the permissions of the socket keep this user out", isTransient: false, fault)
                : new StoreUnavailableException(Description, $"nobody serves there: {(File.Exists(path) ? fault.Message : "there is no such socket")}; \"vt serve {path}\" does", isTransient: true, fault);
        }
        catch (ArgumentException fault)
        {
            socket.Dispose();
            throw new UserErrorException($"{path}: the path is too long for a socket", fault);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
