using System.Net.Sockets;
using Vt.Posix;

namespace Vt.Serving;

/// <summary>
/// A socket of this user's in a folder of its own, whose path a client chose before this process was there: ssh forwards further channels of that client to it. Where it can't be made there are
/// no such channels, and the client does without.
/// </summary>
sealed class ChannelSocket : IDisposable
{
    const int Backlog = 64;
    const uint FolderMode = 0x1c0;

    readonly string _path;

    ChannelSocket(string path, Socket socket)
    {
        _path = path;
        Socket = socket;
    }

    /// <summary>The socket; whoever listens to it closes it.</summary>
    public Socket Socket { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="path">The path, absolute, in a folder that is not there yet.</param>
    /// <returns>Null where that is not possible: the folder may be somebody else's.</returns>
    public static ChannelSocket? TryBind(string path)
    {
        if (Path.GetDirectoryName(path) is not { Length: > 0 } folder || PosixFile.TryMkdir(folder, FolderMode) != Errno.OK)
            return null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen(Backlog);
            return new ChannelSocket(path, socket);
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            socket.Dispose();
            Directory.Delete(folder);
            return null;
        }
    }

    /// <summary>Takes the socket and its folder away.</summary>
    public void Dispose()
    {
        Socket.Dispose();
        try
        {
            File.Delete(_path);
            Directory.Delete(Path.GetDirectoryName(_path)!);
        }
        catch (IOException)
        {
            // Whoever clears the folder away in which all users' are was first.
        }
    }
}
