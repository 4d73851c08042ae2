using System.Net.Sockets;

namespace Vt.Stores.Streams.Transport;

/// <summary>Has the kernel find out that the other side of an idle connection is gone (tcp(7), SO_KEEPALIVE).</summary>
public static class TcpKeepAlive
{
    /// <summary>Sets it on a connected socket.</summary>
    public static void Set(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
    }
}
