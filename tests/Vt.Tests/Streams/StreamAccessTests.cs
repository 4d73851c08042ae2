using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Hosts.StreamServer;
using Vt.Posix;
using Vt.Stores.Memory;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Client;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

public sealed class StreamAccessTests
{
    static readonly BlockHasher Hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    [Fact]
    public async Task What_is_served_for_reading_can_be_read_only()
    {
        var store = new MemoryStore();
        await TestBlock.AddAsync(store, TestBlock.Many(Hasher, 1, 2));
        await store.TryMoveAsync("a", null, "1", "");
        await using var served = ServedStore.Start(() => store, access: ExportAccess.ReadOnly);
        await using var client = await served.OpenAsync();
        Assert.Equal(ExportAccess.ReadOnly, client.Access);
        Assert.True(await TestBlock.IsInAsync(client, TestBlock.Many(Hasher, 1, 1)[0]));
        Assert.Equal("1", await client.ReadAsync("a"));
        await client.FlushAsync();
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(client, TestBlock.Many(Hasher, 2, 1)));
        Assert.Contains("[default] is served read-only to this client", fault.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await client.TryMoveAsync("a", "1", "2", ""));
        Assert.Equal("1", await store.ReadAsync("a"));
    }

    [Fact]
    public async Task What_is_served_for_appending_can_be_added_to_and_its_references_do_not_end()
    {
        var store = new MemoryStore();
        await using var served = ServedStore.Start(() => store, access: ExportAccess.AppendOnly);
        await using var client = await served.OpenAsync();
        await TestBlock.AddAsync(client, TestBlock.Many(Hasher, 1, 1));
        await client.FlushAsync();
        Assert.True(await client.TryMoveAsync("a", null, "1", ""));
        Assert.True(await client.TryMoveAsync("a", "1", "2", ""));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await client.TryMoveAsync("a", "2", null, ""));
        Assert.Equal("2", await store.ReadAsync("a"));
    }

    [Fact]
    public async Task Nobody_comes_in_without_the_secret()
    {
        await using var served = ServedStore.Start(() => new MemoryStore(), isTls: true);
        var wrong = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => served.OpenAsync(new StreamClientOptions { Secret = "another secret, long enough"u8.ToArray() }));
        Assert.Contains("the secret is not the server's", wrong.Message, StringComparison.Ordinal);
        Assert.False(wrong.IsTransient);
        var none = await Assert.ThrowsAsync<StoreUnavailableException>(() => served.OpenAsync(new StreamClientOptions()));
        Assert.Contains("the server wants a secret", none.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ServedStore.TestSecret, string.Concat(served.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_has_another_key_or_no_secret_is_not_spoken_to()
    {
        await using var served = ServedStore.Start(() => new MemoryStore(), isTls: true);
        using var other = LineKey.Make();
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => StreamStore.OpenAsync(new TlsConnector("localhost", served.Port, KeyPin.Of(other), null), served.ClientOptions));
        Assert.Contains($"the server's key is {served.Pin}", fault.ToString(), StringComparison.Ordinal);

        await using var open = ServedStore.Start(() => new MemoryStore());
        fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => open.OpenAsync(served.ClientOptions));
        Assert.Contains("did not ask for the secret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_stands_between_and_passes_proofs_on_is_found_out()
    {
        await using var served = ServedStore.Start(() => new MemoryStore(), isTls: true);
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        using var ownKey = LineKey.Make();
        var between = Task.Run(async () =>
        {
            await using var client = new SslStream(new NetworkStream(await listening.AcceptAsync(), ownsSocket: true));
            await client.AuthenticateAsServerAsync(ownKey);
            await using var line = await new TlsConnector("localhost", served.Port, null, null).ConnectAsync(default);
            await Task.WhenAny(client.CopyToAsync(line.Output), line.Input.CopyToAsync(client));
        });
        var port = ((IPEndPoint)listening.LocalEndPoint!).Port;
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => StreamStore.OpenAsync(new TlsConnector("localhost", port, null, null), served.ClientOptions));
        await between;
        await using var direct = await StreamStore.OpenAsync(new TlsConnector("localhost", served.Port, null, null), served.ClientOptions);
        Assert.Equal("memory", direct.ServerDescription);
    }

    [Fact]
    public async Task A_known_key_is_let_in_to_what_is_meant_for_it()
    {
        using var folder = new TempFolder();
        using var serverKey = LineKey.Make();
        using var friend = LineKey.ReadOrMake(folder["friend.pem"]);
        using var stranger = LineKey.Make();
        Assert.Equal(KeyPin.Of(friend), KeyPin.Of(LineKey.ReadOrMake(folder["friend.pem"])));
        Assert.Equal(0x180u, PosixFile.Stat(folder["friend.pem"]).Permissions);
        var keys = folder.Write("keys", $"# who may come in\n\n{KeyPin.Of(friend)} append-only export=photos # a friend\n");
        await using var server = new StoreServer([
            new StoreExport("default", ExportAccess.ReadWrite, _ => Task.FromResult<IBlockStore>(new MemoryStore())),
            new StoreExport("photos", ExportAccess.ReadWrite, _ => Task.FromResult<IBlockStore>(new MemoryStore())),
        ]);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        server.Open(socket, new TlsDoorway("tcp", serverKey, default, new AuthorizedKeys(keys)));

        await using (var client = await StreamStore.OpenAsync(new TlsConnector("localhost", port, KeyPin.Of(serverKey), friend)))
            Assert.Equal(ExportAccess.AppendOnly, client.Access);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => StreamStore.OpenAsync(new TlsConnector("localhost", port, KeyPin.Of(serverKey), friend), new StreamClientOptions { Export = "default" }));
        Assert.Contains("[default] is not served; there is [photos]", fault.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => StreamStore.OpenAsync(new TlsConnector("localhost", port, KeyPin.Of(serverKey), stranger)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => StreamStore.OpenAsync(new TlsConnector("localhost", port, KeyPin.Of(serverKey), null)));
        folder.Write("keys", "");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => StreamStore.OpenAsync(new TlsConnector("localhost", port, KeyPin.Of(serverKey), friend)));
    }

    [Theory]
    [InlineData("nonsense", ":1: 'nonsense' is no key")]
    [InlineData("sha256:AAAA", ":1: 'sha256:AAAA' is no key")]
    [InlineData("\nsha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU often", ":2: 'often' is none of")]
    public void A_file_of_keys_is_read_strictly(string content, string message)
    {
        using var folder = new TempFolder();
        var fault = Assert.Throws<UserErrorException>(() => new AuthorizedKeys(folder.Write("keys", content)).Read());
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }
}
