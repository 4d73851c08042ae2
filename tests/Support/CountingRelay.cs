using System.Net.Sockets;

namespace Vt.Tests.Support;

/// <summary>Stands between clients and a server at unix sockets, and counts what goes through.</summary>
public sealed class CountingRelay : IDisposable
{
    readonly Socket _listening = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string _target;
    readonly object _changed = new();
    long _passed;

    /// <summary>Begins to pass on.</summary>
    /// <param name="path">The socket for clients.</param>
    /// <param name="target">The server's.</param>
    public CountingRelay(string path, string target)
    {
        (Path, _target) = (path, target);
        _listening.Bind(new UnixDomainSocketEndPoint(path));
        _listening.Listen(64);
        _ = AcceptAsync();
    }

    /// <summary>The socket for clients.</summary>
    public string Path { get; }

    /// <summary>How many bytes went through, both ways together, since this was asked last.</summary>
    public long Take()
    {
        lock (_changed)
            return Interlocked.Exchange(ref _passed, 0);
    }

    /// <summary>Waits until so many bytes have gone through.</summary>
    public void WaitFor(long bytes)
    {
        lock (_changed)
        {
            while (_passed < bytes)
            {
                if (!Monitor.Wait(_changed, TimeSpan.FromMinutes(1)))
                    throw new TimeoutException("nothing goes through");
            }
        }
    }

    public void Dispose() => _listening.Dispose();

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listening.AcceptAsync();
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await server.ConnectAsync(new UnixDomainSocketEndPoint(_target));
                }
                catch (SocketException)
                {
                    // It is started anew just now.
                    client.Dispose();
                    server.Dispose();
                    continue;
                }

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
                lock (_changed)
                {
                    _passed += count;
                    Monitor.PulseAll(_changed);
                }

                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
