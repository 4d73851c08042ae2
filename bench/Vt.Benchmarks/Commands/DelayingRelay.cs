using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Vt.Benchmarks.Commands;

/// <summary>A port on the loopback that passes on to another, every byte after a delay: what a long line does to who waits for answers.</summary>
sealed class DelayingRelay : IDisposable
{
    const int Waiting = 4096;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly int _target;
    readonly TimeSpan _delay;

    public DelayingRelay(int target, TimeSpan delay)
    {
        (_target, _delay) = (target, delay);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, _target);
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
        var queue = Channel.CreateBounded<(byte[] Bytes, long Due)>(Waiting);
        var sending = SendAsync(queue.Reader, to);
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
                await queue.Writer.WriteAsync((buffer[..count], Stopwatch.GetTimestamp() + (long)(_delay.TotalSeconds * Stopwatch.Frequency)));
        }
        catch (SocketException)
        {
            // It is gone.
        }

        queue.Writer.Complete();
        await sending;
    }

    static async Task SendAsync(ChannelReader<(byte[] Bytes, long Due)> queue, Socket to)
    {
        try
        {
            await foreach (var (bytes, due) in queue.ReadAllAsync())
            {
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is var left && left > TimeSpan.Zero)
                    await Task.Delay(left);
                for (var sent = 0; sent < bytes.Length;)
                    sent += await to.SendAsync(bytes.AsMemory(sent));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is gone.
        }
    }
}
