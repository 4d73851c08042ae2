using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Vt.Benchmarks.Commands;

/// <summary>A port on the loopback that passes on to another, every byte after a delay: what a long line does to who waits for answers.</summary>
sealed class DelayingRelay : IDisposable
{
    const int Waiting = 4096;
    const int PieceBytes = 64 << 10;

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
        var queue = Channel.CreateBounded<Piece>(Waiting);
        var sending = SendAsync(queue.Reader, to);
        try
        {
            // Each piece in a buffer that is used again: what waits must be no work for the collector of the process that is measured.
            while (true)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
                if (await from.ReceiveAsync(buffer) is not (var count and > 0))
                    break;
                await queue.Writer.WriteAsync(new Piece(buffer, count, Stopwatch.GetTimestamp() + (long)(_delay.TotalSeconds * Stopwatch.Frequency)));
            }
        }
        catch (SocketException)
        {
            // It is gone.
        }

        queue.Writer.Complete();
        await sending;
    }

    static async Task SendAsync(ChannelReader<Piece> queue, Socket to)
    {
        try
        {
            await foreach (var piece in queue.ReadAllAsync())
            {
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), piece.Due) is var left && left > TimeSpan.Zero)
                    await Task.Delay(left);
                for (var sent = 0; sent < piece.Count;)
                    sent += await to.SendAsync(piece.Buffer.AsMemory(sent, piece.Count - sent));
                ArrayPool<byte>.Shared.Return(piece.Buffer);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is gone.
        }
    }

    readonly record struct Piece(byte[] Buffer, int Count, long Due);
}
