using System.Net.Sockets;
using System.Text;
using Vt.Stores.Http;
using Vt.Stores.Memory;

namespace Vt.Tests.Http;

/// <summary>Connections on which nothing is under way make room for new ones; others don't.</summary>
public sealed class ConnectionRoomTests : IAsyncDisposable
{
    const int Most = 3;
    const int Silent = 10;

    readonly List<TcpClient> _clients = [];
    readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));

    public ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        _patience.Dispose();
        return default;
    }

    [Fact]
    public async Task Who_says_nothing_or_says_nothing_more_makes_room_for_who_asks()
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore(), static options => options with { MostConnections = Most });
        var ends = new Dictionary<TcpClient, Task<string>>();
        for (var i = 0; i < Silent; i++)
        {
            var silent = await ConnectAsync(bed);
            ends.Add(silent, ReadToEndAsync(silent));
        }

        // Those who came first, as the server sees it, which takes several at a time.
        await AwaitEndsAsync(ends, Silent - Most);
        var left = ends.Where(static end => !end.Value.IsCompleted).Select(static end => end.Key).ToArray();
        Assert.Equal(Most, left.Length);

        // Half a question is none; an answered one leaves the connection idle.
        await SendAsync(left[^1], "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-");
        for (var i = 0; i < 10; i++)
        {
            var asking = await ConnectAsync(bed);
            await SendAsync(asking, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Contains("200 OK", await ReadSomeAsync(asking), StringComparison.Ordinal);
            ends.Add(asking, ReadToEndAsync(asking));
        }

        await AwaitEndsAsync(ends, ends.Count - Most);
        Assert.All(left, client => Assert.True(ends[client].IsCompleted));
        foreach (var end in ends.Values.Where(static end => end.IsCompleted))
            Assert.DoesNotContain("HTTP", await end, StringComparison.Ordinal);
        Assert.Equal("ok\n", await bed.ReadAsync("healthz"));
    }

    [Fact]
    public async Task Whose_question_is_under_way_is_not_sent_away_and_new_ones_are()
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore(), static options => options with { MostConnections = Most });
        for (var i = 0; i < Most; i++)
        {
            var client = await ConnectAsync(bed);
            await SendAsync(
                client, $"POST /s/contains HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{HttpWire.ProtocolHeader}: 1\r\nExpect: 100-continue\r\nContent-Length: {HttpWire.HashLength}\r\n\r\n");

            // The server reads the question now.
            Assert.Contains("100 Continue", await ReadSomeAsync(client), StringComparison.Ordinal);
        }

        var refused = await ConnectAsync(bed);
        Assert.Equal("", await ReadToEndAsync(refused));
        foreach (var client in _clients[..Most])
        {
            await client.GetStream().WriteAsync(new byte[HttpWire.HashLength], _patience.Token);
            Assert.Contains("HTTP/1.1 ", await ReadToEndAsync(client), StringComparison.Ordinal);
        }

        Assert.Equal("ok\n", await bed.ReadAsync("healthz"));
    }

    async Task<TcpClient> ConnectAsync(HttpBed bed)
    {
        var client = new TcpClient();
        _clients.Add(client);
        await client.ConnectAsync(bed.Url.Host, bed.Url.Port, _patience.Token);
        return client;
    }

    async Task SendAsync(TcpClient client, string text) => await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), _patience.Token);

    async Task<string> ReadSomeAsync(TcpClient client)
    {
        var bytes = new byte[4096];
        return Encoding.Latin1.GetString(bytes, 0, await client.GetStream().ReadAsync(bytes, _patience.Token));
    }

    static async Task AwaitEndsAsync(Dictionary<TcpClient, Task<string>> ends, int count)
    {
        while (ends.Values.Where(static end => !end.IsCompleted).ToArray() is { } going && ends.Count - going.Length < count)
            await Task.WhenAny(going);
    }

    async Task<string> ReadToEndAsync(TcpClient client)
    {
        var text = new StringBuilder();
        try
        {
            while (await ReadSomeAsync(client) is { Length: > 0 } more)
                text.Append(more);
        }
        catch (IOException)
        {
            // Ended roughly.
        }

        return text.ToString();
    }
}
