using System.Net.Sockets;
using Vt.Blocks.Contracts;
using Vt.Hosts.Listening;
using Vt.Hosts.StreamServer;

namespace Vt.Serving;

/// <summary>
/// Several connections of one client that each started a server of its own, as ssh does: the first of these processes has the store, and the others
/// pass their standard streams on to it, so that what one connection adds all can read, and one flush is for all.
/// </summary>
static class JoinedSession
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether a text can name a session.</summary>
    public static bool IsName(string session) => session.Length is >= 16 and <= 64 && session.All(char.IsAsciiLetterOrDigit);

    /// <summary>Becomes the one that has the store, or passes the standard streams on to it until the connection ends.</summary>
    /// <param name="path">Where those of the session meet, absolute.</param>
    /// <param name="time">The clock of patience.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the others come to; null where this was one of those, and is done.</returns>
    public static async Task<UnixListener?> JoinAsync(string path, TimeProvider time, CancellationToken cancellationToken)
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

            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            }
            catch (SocketException)
            {
                await Task.Delay(_pause, time, cancellationToken);
                continue;
            }

            await JoinedDoorway.PassOnAsync(socket, cancellationToken);
            return null;
        }
    }
}
