using System.Net.Sockets;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

/// <summary>Stands between a client and a server at unix sockets, and cuts, spoils or holds what goes through.</summary>
sealed class LineProxy : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    readonly Socket _listening = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string _target;
    readonly CancellationTokenSource _stop = new();
    readonly Task _accepting;
    readonly List<Task> _lines = [];
    long _passed;

    public LineProxy(string target)
    {
        _target = target;
        _listening.Bind(new UnixDomainSocketEndPoint(Path));
        _listening.Listen(64);
        _accepting = AcceptAsync();
    }

    public string Path => _folder["proxy"];

    /// <summary>At how many bytes, both ways together, the line is cut, again and again from there; none where it is 0.</summary>
    public long CutEvery { get; init; }

    /// <summary>Which byte of those that come from the server, or go to it, has a bit flipped, once; none where negative.</summary>
    public long FlipFromServer { get; init; } = -1;

    public long FlipFromClient { get; init; } = -1;

    /// <summary>How many bytes went through, both ways together.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    public int Cuts { get; private set; }

    public int Flips { get; private set; }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listening.AcceptAsync(_stop.Token);
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await server.ConnectAsync(new UnixDomainSocketEndPoint(_target), _stop.Token);
                }
                catch (SocketException)
                {
                    client.Dispose();
                    server.Dispose();
                    continue;
                }

                _lines.Add(Task.WhenAll(PassAsync(client, server, fromServer: false), PassAsync(server, client, fromServer: true)));
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    async Task PassAsync(Socket from, Socket to, bool fromServer)
    {
        var buffer = new byte[16 << 10];
        var flipAt = fromServer ? FlipFromServer : FlipFromClient;
        long count = 0;
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is var got and > 0)
            {
                if (flipAt >= count && flipAt < count + got && Flips == 0)
                {
                    buffer[flipAt - count] ^= 1;
                    Flips++;
                }

                count += got;
                var before = Interlocked.Add(ref _passed, got) - got;
                if (CutEvery > 0 && (before / CutEvery) != ((before + got) / CutEvery))
                {
                    Cuts++;
                    var left = (int)(CutEvery - (before % CutEvery));
                    await to.SendAsync(buffer.AsMemory(0, left), _stop.Token);
                    break;
                }

                for (var sent = 0; sent < got;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, got - sent), _stop.Token);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut.
        }

        from.Dispose();
        to.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listening.Dispose();
        await _accepting;
        await Task.WhenAll(_lines);
        _stop.Dispose();
        _folder.Dispose();
    }
}
