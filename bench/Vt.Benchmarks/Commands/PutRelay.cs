using System.Net;
using System.Net.Sockets;

namespace Vt.Benchmarks.Commands;

/// <summary>
/// A port on the loopback that passes on to a server and counts its PUT requests. A client sends a request's head only when the answer to its last request on that connection has come, so a
/// head always begins what is received at once.
/// </summary>
sealed class PutRelay : IDisposable
{
    readonly Socket _listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    readonly Uri _target;
    int _puts;

    public PutRelay(string target)
    {
        _target = new Uri(target);
        _listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening.Listen(64);
        Address = $"http://127.0.0.1:{((IPEndPoint)_listening.LocalEndPoint!).Port}";
        _ = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>The requests since this was asked last.</summary>
    public int Take() => Interlocked.Exchange(ref _puts, 0);

    public void Dispose() => _listening.Dispose();

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listening.AcceptAsync();
                var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await server.ConnectAsync(_target.Host, _target.Port);
                _ = PassAsync(client, server, isCounted: true);
                _ = PassAsync(server, client, isCounted: false);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    async Task PassAsync(Socket from, Socket to, bool isCounted)
    {
        var buffer = new byte[256 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                if (isCounted && buffer.AsSpan(0, count).StartsWith("PUT /"u8))
                    Interlocked.Increment(ref _puts);
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
