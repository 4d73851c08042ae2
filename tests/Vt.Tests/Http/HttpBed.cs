using System.Collections.Concurrent;
using System.Net;
using Vt.Blocks.Contracts;
using Vt.Hosts.HttpServer;
using Vt.Stores.Config;
using Vt.Stores.Http;

namespace Vt.Tests.Http;

/// <summary>A server of a store, and who asks it.</summary>
sealed class HttpBed : IAsyncDisposable
{
    HttpBed(VtHttpServer server, string url)
    {
        Server = server;
        Url = new Uri(url + "/");
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = Url };
    }

    public VtHttpServer Server { get; }

    public Uri Url { get; }

    /// <summary>What the server had to say of failures.</summary>
    public required ConcurrentQueue<string> Log { get; init; }

    public HttpClient Client { get; }

    public static async Task<HttpBed> StartAsync(IBlockStore store, Func<HttpServerOptions, HttpServerOptions>? change = null)
    {
        var log = new ConcurrentQueue<string>();
        var options = new HttpServerOptions { Address = HttpAddress.Parse("127.0.0.1:0", static path => path), IsWritable = true, Drain = TimeSpan.FromSeconds(5), Log = log.Enqueue };
        var server = await VtHttpServer.StartAsync(store, change?.Invoke(options) ?? options);
        return new HttpBed(server, server.Urls.Single()) { Log = log };
    }

    /// <summary>Opens the store on this side.</summary>
    public Task<IBlockStore> OpenAsync(Func<HttpSettings, HttpSettings>? change = null, StoreOpenOptions? options = null)
    {
        var settings = new HttpSettings(Url) { Timeout = TimeSpan.FromSeconds(10) };
        return HttpStoreOpener.OpenAsync(change?.Invoke(settings) ?? settings, options ?? new StoreOpenOptions());
    }

    /// <summary>Asks, with headers given as <c>Name: value</c>.</summary>
    public Task<HttpResponseMessage> AskAsync(string path, params string[] headers) => AskAsync(HttpMethod.Get, path, headers);

    /// <summary>Asks by a method.</summary>
    public async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, params string[] headers)
    {
        using var request = new HttpRequestMessage(method, path.TrimStart('/'));
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            Assert.True(request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim()), header);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Asks and gives the text of a success.</summary>
    public async Task<string> ReadAsync(string path, params string[] headers)
    {
        using var response = await AskAsync(path, headers);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode}: {text}");
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }
}
