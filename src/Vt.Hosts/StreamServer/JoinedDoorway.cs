using System.Net.Sockets;
using Vt.Posix;
using Vt.Posix.Sockets;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>
/// Where other processes of the same user pass their standard input and output on, each of which is a connection of one client: the bytes take no way round by
/// them. The socket over which the descriptors came stays open for as long as they are used.
/// </summary>
public sealed class JoinedDoorway : Doorway
{
    /// <inheritdoc/>
    public override string Description => "a joined connection";

    /// <summary>Passes this process's standard streams on, and waits until they are no longer used.</summary>
    /// <param name="socket">Connected to a server that has such a doorway there.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task PassOnAsync(Socket socket, CancellationToken cancellationToken)
    {
        using (var file = DescriptorOf(socket))
        using (var input = DescriptorLine.StandardInput)
        using (var output = DescriptorLine.StandardOutput)
            UnixSockets.SendDescriptors(file, input, output);
        try
        {
            _ = await socket.ReceiveAsync(new byte[1], cancellationToken);
        }
        catch (SocketException)
        {
            // The server has ended.
        }
    }

    /// <inheritdoc/>
    public override async Task<(StreamLine Line, ClientRights Rights)?> LetInAsync(Socket socket, CancellationToken cancellationToken)
    {
        _ = await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
        using var file = DescriptorOf(socket);
        if (UnixSockets.ReceiveDescriptors(file) is not [var input, var output])
            throw new IOException("what came has no standard streams with it");
        return (new DescriptorLine(input, output, socket), ClientRights.All);
    }

    static FileDescriptor DescriptorOf(Socket socket) => new((int)socket.Handle, owned: false);
}
