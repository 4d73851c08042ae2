using System.Net.Sockets;
using Vt.Blocks.Contracts;
using Vt.Hosts.StreamServer;
using Vt.Stores.Memory;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Client;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

/// <summary>Lines that hang on a private one: whoever is at their path has to know what was told there.</summary>
public sealed class SessionKeyTests : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    readonly SessionKey _told = new();
    readonly StoreServer _server = new([new StoreExport("default", ExportAccess.ReadWrite, static _ => Task.FromResult<IBlockStore>(new MemoryStore()))]);

    public Task InitializeAsync()
    {
        _server.Open(Listen("channels"), new ChannelDoorway(_told));
        _server.Open(Listen("impostor"), new UnixDoorway("impostor"));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Whoever_knows_the_key_that_was_told_comes_in_and_nobody_else()
    {
        byte[] key = [.. Enumerable.Repeat((byte)7, Hello.NonceLength)], other = [.. Enumerable.Repeat((byte)8, Hello.NonceLength)];
        await RefuseAsync("channels", key, proves: true);

        await using var first = await TellAsync(key);
        await using var second = await OpenAsync("channels", key, proves: true);
        Assert.Contains("secret is not the server's", await RefuseAsync("channels", other, proves: true), StringComparison.Ordinal);
        Assert.Contains("wants a secret", await RefuseAsync("channels", default, proves: false), StringComparison.Ordinal);

        // Who tells another one later changes nothing.
        await using var third = await TellAsync(other);
        await RefuseAsync("channels", other, proves: true);
        await using var fourth = await OpenAsync("channels", key, proves: true);
    }

    [Fact]
    public async Task Whoever_took_the_path_first_is_found_out()
    {
        var why = await RefuseAsync("impostor", new byte[Hello.NonceLength], proves: true);
        Assert.Contains("did not ask for the secret", why, StringComparison.Ordinal);
    }

    // Over a line that the server has already, as its standard streams are.
    async Task<StreamStore> TellAsync(byte[] key)
    {
        using var listening = Listen("private");
        var opening = OpenAsync("private", key, proves: false);
        _ = _server.ServeAsync(new SocketLine(await listening.AcceptAsync()), ClientRights.All, _told);
        File.Delete(_folder["private"]);
        return await opening;
    }

    async Task<string> RefuseAsync(string name, byte[]? key, bool proves)
    {
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(name, key, proves));
        return fault.Message;
    }

    Task<StreamStore> OpenAsync(string name, byte[]? key, bool proves) => StreamStore.OpenAsync(new KeyedConnector(_folder[name], key, proves), new StreamClientOptions());

    Socket Listen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder[name]));
        socket.Listen(16);
        return socket;
    }

    sealed class KeyedConnector(string path, byte[]? key, bool proves) : ILineConnector
    {
        public string Description => path;

        public async ValueTask<StreamLine> ConnectAsync(CancellationToken cancellationToken) => new KeyedLine(await new UnixConnector(path).ConnectAsync(cancellationToken), key, proves);
    }

    sealed class KeyedLine(StreamLine inner, byte[]? key, bool proves) : StreamLine
    {
        public override Stream Input => inner.Input;

        public override Stream Output => inner.Output;

        public override bool WaitsWithoutBuffer => inner.WaitsWithoutBuffer;

        public override ReadOnlyMemory<byte> SessionKey => key;

        public override bool ProvesSessionKey => proves;

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
