using System.Net.Sockets;
using Vt.Blocks.Contracts;
using Vt.Hosts.Listening;

namespace Vt.Serving;

/// <summary>
/// Several connections of one client that each started a server of its own, as ssh does: the first of these processes has the store, and the others
/// pass bytes on to it, so that what one connection adds all can read, and one flush is for all.
/// </summary>
static class JoinedSession
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether a text can name a session.</summary>
    public static bool IsName(string session) => session.Length is >= 16 and <= 64 && session.All(char.IsAsciiLetterOrDigit);

    /// <summary>Becomes the one that has the store, or passes bytes on to it until the connection ends.</summary>
    /// <param name="path">Where those of the session meet, absolute.</param>
    /// <param name="input">What comes from the client.</param>
    /// <param name="output">What goes to it.</param>
    /// <param name="time">The clock of patience.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the others come to; null where this was one of those, and is done.</returns>
    public static async Task<UnixListener?> JoinAsync(string path, Stream input, Stream output, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return UnixListener.Bind(path, 0x180);
            }
            catch (UserErrorException) when (time.GetElapsedTime(began) < _patience)
            {
                // Another one has it, or is about to let go of it.
            }

            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            }
            catch (SocketException)
            {
                socket.Dispose();
                await Task.Delay(_pause, time, cancellationToken);
                continue;
            }

            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await Task.WhenAny(input.CopyToAsync(stream, 256 << 10, cancellationToken), stream.CopyToAsync(output, 256 << 10, cancellationToken));
            return null;
        }
    }
}
