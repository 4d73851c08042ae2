using System.Net.Sockets;

namespace Vt.Benchmarks.Commands;

/// <summary>A unix socket that passes on to another and counts the bytes of both ways.</summary>
sealed class CountingRelay : IDisposable
{
    readonly Socket _listening = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string _target;
    long _passed;

    public CountingRelay(string path, string target)
    {
        _target = target;
        _listening.Bind(new UnixDomainSocketEndPoint(path));
        _listening.Listen(16);
        _ = AcceptAsync();
    }

    /// <summary>The bytes that went through since this was asked last.</summary>
    public long Take() => Interlocked.Exchange(ref _passed, 0);

    public void Dispose() => _listening.Dispose();

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listening.AcceptAsync();
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await server.ConnectAsync(new UnixDomainSocketEndPoint(_target));
                _ = PassAsync(client, server);
                _ = PassAsync(server, client);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[256 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                Interlocked.Add(ref _passed, count);
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is gone.
        }
    }
}
