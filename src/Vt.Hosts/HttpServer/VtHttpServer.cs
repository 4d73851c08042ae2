using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Vt.Blocks.Contracts;
using Vt.Hosts.Listening;

namespace Vt.Hosts.HttpServer;

/// <summary>
/// Serves a store over HTTP/1.1: blocks, content, trees, volumes and archives for people and programs, and the transfer of blocks for stores on the other
/// side. vt-http(7) lists every address.
/// </summary>
/// <remarks>Memory: some 10 KiB for each connection that waits, some 150 KiB for each answer that is under way, 4 MiB for pieces of large ones that are read ahead, and the caches, of 30 MiB.</remarks>
public sealed class VtHttpServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    // How many of those who are sent away may be on their way out.
    const int MostLeaving = 256;
    const int LargestLine = 32 << 10;
    const int LargestHeaders = 48 << 10;
    const int MostHeaders = 100;
    const int LargestBody = 16 << 20;
    const int LargestBuffer = 64 << 10;
    const uint SocketMode = 0x180;

    readonly HttpServerOptions _options;
    readonly HttpSite _site;
    readonly RequestRouter _router;
    readonly KestrelServer _server;
    readonly UnixListener? _door;
    readonly ConnectionRoom _room;

    VtHttpServer(IBlockStore store, HttpServerOptions options, UnixListener? door)
    {
        _options = options;
        _door = door;
        _site = new HttpSite(store, options);
        _router = new RequestRouter(_site);
        _room = new ConnectionRoom(options.MostConnections);
        var kestrel = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = new NoServices() };
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = options.MostConnections + MostLeaving;
        limits.MaxRequestLineSize = LargestLine;
        limits.MaxRequestHeadersTotalSize = LargestHeaders;
        limits.MaxRequestHeaderCount = MostHeaders;
        limits.MaxRequestBodySize = LargestBody;
        limits.MaxResponseBufferSize = LargestBuffer;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        if (options.ListeningDescriptor is { } descriptor)
            kestrel.ListenHandle(descriptor, Configure);
        else if (door is not null)
            kestrel.ListenHandle((ulong)door.TakeHandle(), Configure);
        else
            kestrel.Listen(options.Address.EndPoint!, Configure);
        _server = new KestrelServer(
            Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions { Backlog = 1024 }), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
    }

    /// <summary>The addresses at which it is reached, as URLs.</summary>
    public IReadOnlyCollection<string> Urls =>
        [.. (_server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Select(url => _options.Certificate is null ? url : url.Replace("http://", "https://", StringComparison.Ordinal))];

    /// <summary>How many connections there are.</summary>
    public long Connections => _site.Metrics.Connections;

    /// <summary>Begins to serve.</summary>
    /// <param name="store">What is served; not disposed.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">Nobody can listen there.</exception>
    public static async Task<VtHttpServer> StartAsync(IBlockStore store, HttpServerOptions options, CancellationToken cancellationToken = default)
    {
        var door = options is { Address.Socket: { } socket, ListeningDescriptor: null } ? UnixListener.Bind(socket, SocketMode) : null;
        var server = new VtHttpServer(store, options, door);
        try
        {
            await server._server.StartAsync(server, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            server._server.Dispose();
            server._site.Dispose();
            door?.Dispose();
            throw new UserErrorException($"{options.Address}: nobody can listen there: {fault.Message}", fault);
        }

        return server;
    }

    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(HttpContext context)
    {
        var guest = _room.Begin(context.Features);
        try
        {
            await _router.ProcessAsync(context);
        }
        finally
        {
            _room.End(guest);
        }
    }

    /// <summary>Stops: takes no connection any more, finishes what is under way as far as it is done in time, and breaks off the rest.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(_options.Drain, _options.Clock))
            await _server.StopAsync(patience.Token);
        _server.Dispose();
        _site.Dispose();
        _door?.Dispose();
    }

    void Configure(ListenOptions listen)
    {
        // Others are for many requests at once on one connection, which is one more thing to bound.
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => _room.RunAsync(connection, next));
        listen.Use(next => async connection =>
        {
            _site.Metrics.Connect();
            try
            {
                await next(connection);
            }
            finally
            {
                _site.Metrics.Disconnect();
            }
        });
        if (_options.Certificate is { } certificate)
        {
            var tls = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, _options.Intermediates, offline: true), EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
            listen.Use(next => connection => TlsConnection.RunAsync(connection, tls, _options.Clock, next));
        }
    }

    // The server asks for a logger and for figures of its own, and goes without.
    sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(Microsoft.Extensions.Logging.ILoggerFactory) ? NullLoggerFactory.Instance : null;
    }
}
