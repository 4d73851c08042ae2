using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Vt.Blocks.Contracts;
using Vt.Hosts.StreamServer;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Client;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

/// <summary>A server in this process, which can be ended and started again in the same place.</summary>
sealed class ServedStore : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    readonly Func<Task<IBlockStore>> _make;
    readonly bool _isTls;
    readonly X509Certificate2 _key = LineKey.Make();
    int _port;

    ServedStore(Func<Task<IBlockStore>> make, bool isTls, StoreServerOptions? options, ExportAccess access)
    {
        (_make, _isTls, Access) = (make, isTls, access);
        Options = options ?? new StoreServerOptions { Log = Log.Enqueue };
    }

    public System.Collections.Concurrent.ConcurrentQueue<string> Log { get; } = new();

    public StoreServerOptions Options { get; }

    public ExportAccess Access { get; }

    public StoreServer Server { get; private set; } = null!;

    public ReadOnlyMemory<byte> Secret { get; init; }

    public string SocketPath => _folder["socket"];

    public int Port => _port;

    public KeyPin Pin => KeyPin.Of(_key);

    public ILineConnector Connector => _isTls ? new TlsConnector("localhost", _port, Pin, null) : new UnixConnector(SocketPath);

    public static ServedStore Start(
        Func<IBlockStore> make, bool isTls = false, StoreServerOptions? options = null, ExportAccess access = ExportAccess.ReadWrite, string secret = "") =>
        Start(() => Task.FromResult(make()), isTls, options, access, secret);

    public static ServedStore Start(
        Func<Task<IBlockStore>> make, bool isTls = false, StoreServerOptions? options = null, ExportAccess access = ExportAccess.ReadWrite, string secret = "")
    {
        var served = new ServedStore(make, isTls, options, access) { Secret = System.Text.Encoding.ASCII.GetBytes(isTls && secret.Length == 0 ? TestSecret : secret) };
        served.Begin();
        return served;
    }

    public const string TestSecret = "a secret of the tests, long enough";

    public StreamClientOptions ClientOptions => new() { Secret = Secret, Patience = TimeSpan.FromSeconds(20) };

    public Task<StreamStore> OpenAsync(StreamClientOptions? options = null) => StreamStore.OpenAsync(Connector, options ?? ClientOptions);

    /// <summary>A connection that has said nothing yet; the caller's.</summary>
    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(_isTls ? AddressFamily.InterNetwork : AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(_isTls ? new IPEndPoint(IPAddress.Loopback, _port) : new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    /// <summary>Whether it serves.</summary>
    public bool IsServing { get; private set; }

    public void Begin()
    {
        IsServing = true;
        Server = new StoreServer([new StoreExport("default", Access, _ => _make())], Options);
        if (_isTls)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, _port));
            socket.Listen(4096);
            _port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            Server.Open(socket, new TlsDoorway($"tcp:{_port}", _key, Secret, new AuthorizedKeys(null)));
        }
        else
        {
            File.Delete(SocketPath);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
            socket.Listen(4096);
            Server.Open(socket, new UnixDoorway(SocketPath));
        }
    }

    /// <summary>Ends the server, and what it had not made durable with it; clients are cut off.</summary>
    public async Task EndAsync()
    {
        if (IsServing)
            await Server.DisposeAsync();
        IsServing = false;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _key.Dispose();
        _folder.Dispose();
    }
}
