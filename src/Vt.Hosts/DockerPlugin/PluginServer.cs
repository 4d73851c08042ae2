using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Vt.Blocks.Contracts;
using Vt.Hosts.Listening;

namespace Vt.Hosts.DockerPlugin;

/// <summary>Speaks Docker's protocol of volume plugins (docs.docker.com/engine/extend/plugins_volume, version 1) on a unix socket: JSON by POST, a path for each call.</summary>
public sealed class PluginServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    const string ContentType = "application/vnd.docker.plugins.v1.2+json";
    const long LargestRequest = 1 << 20;
    const uint SocketMode = 0x180;

    readonly VolumePlugin _plugin;
    readonly UnixListener _door;
    readonly Action<string> _log;
    readonly KestrelServer _server;

    PluginServer(VolumePlugin plugin, UnixListener door, Action<string> log)
    {
        _plugin = plugin;
        _door = door;
        _log = log;
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = LargestRequest;
        options.ListenHandle((ulong)door.TakeHandle());
        _server = new KestrelServer(
            Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
    }

    /// <summary>Begins to serve.</summary>
    /// <param name="plugin">What is asked for.</param>
    /// <param name="socket">The socket's path, absolute; its folder is made, and a socket where nobody listens any more is replaced.</param>
    /// <param name="log">Gets a line for each failure.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">Somebody serves there, or the socket can't be made.</exception>
    public static async Task<PluginServer> StartAsync(VolumePlugin plugin, string socket, Action<string> log, CancellationToken cancellationToken)
    {
        // Whoever may speak to it mounts as root.
        var server = new PluginServer(plugin, UnixListener.Bind(socket, SocketMode), log);
        try
        {
            await server._server.StartAsync(server, cancellationToken);
        }
        catch (IOException fault)
        {
            await server.DisposeAsync();
            throw new UserErrorException($"{socket}: the socket can't be made: {fault.Message}", fault);
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
        var call = context.Request.Path.Value?.TrimStart('/') ?? "";
        PluginAnswer answer;
        try
        {
            if (!HttpMethods.IsPost(context.Request.Method))
                throw new UserErrorException($"{context.Request.Method} /{call}: the protocol has POST only");

            // A mount that was begun is finished, though Docker has lost patience: it asks again.
            answer = await AnswerAsync(call, await ReadAsync(context.Request), CancellationToken.None);
        }
#pragma warning disable CA1031 // The boundary of a request: whatever went wrong is said to Docker, which shows it to whoever asked.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            // Docker asks for whatever it does not know, and learns that it is not there.
            if (call != "VolumeDriver.Get")
                _log($"{call}: {fault.Message}");
            answer = new PluginAnswer { Err = fault.Message };
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(answer, PluginJson.Default.PluginAnswer);
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    /// <summary>Stops: no call is begun any more, and those that were are finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        _server.Dispose();
        _door.Dispose();
    }

    async Task<PluginAnswer> AnswerAsync(string call, PluginRequest request, CancellationToken cancellationToken)
    {
        var done = new PluginAnswer { Err = "" };
        switch (call)
        {
            case "Plugin.Activate":
                return new PluginAnswer { Implements = ["VolumeDriver"] };
            case "VolumeDriver.Capabilities":
                return new PluginAnswer { Capabilities = new PluginCapabilities("local") };
            case "VolumeDriver.Create":
                await _plugin.CreateAsync(NameOf(request), request.Opts, cancellationToken);
                return done;
            case "VolumeDriver.Remove":
                await _plugin.RemoveAsync(NameOf(request), cancellationToken);
                return done;
            case "VolumeDriver.Mount":
                return done with { Mountpoint = await _plugin.MountAsync(NameOf(request), IdOf(request), cancellationToken) };
            case "VolumeDriver.Unmount":
                await _plugin.UnmountAsync(NameOf(request), IdOf(request), cancellationToken);
                return done;
            case "VolumeDriver.Path":
                return done with { Mountpoint = _plugin.PathOf(NameOf(request)) };
            case "VolumeDriver.Get":
                return done with { Volume = await _plugin.GetAsync(NameOf(request), cancellationToken) };
            case "VolumeDriver.List":
                return done with { Volumes = await _plugin.ListAsync(cancellationToken) };
            default:
                throw new UserErrorException($"'{call}' is no call of a volume plugin");
        }
    }

    static string NameOf(PluginRequest request) => request.Name is { Length: > 0 } name ? name : throw new UserErrorException("the request has no Name");

    // Engines before 1.12 have none: all their uses are one.
    static string IdOf(PluginRequest request) => request.ID ?? "";

    static async Task<PluginRequest> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (body.Length == 0)
            return new PluginRequest(null, null, null);
        try
        {
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), PluginJson.Default.PluginRequest) ?? new PluginRequest(null, null, null);
        }
        catch (JsonException fault)
        {
            throw new UserErrorException($"the request is no JSON: {fault.Message}", fault);
        }
    }
}
