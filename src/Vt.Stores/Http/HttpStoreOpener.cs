using System.Net;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Stores.Http;

/// <summary>Opens stores on the web: finds out what answers there.</summary>
public static class HttpStoreOpener
{
    // Whoever types a wrong address wants to know soon.
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Opens a store.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="options">How it is opened.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">Neither a server of vt's nor an exported store is there.</exception>
    /// <exception cref="StoreUnavailableException">Nothing answers, or nothing that this program understands.</exception>
    public static async Task<IBlockStore> OpenAsync(HttpSettings settings, StoreOpenOptions options, CancellationToken cancellationToken = default)
    {
        HttpConnection? connection = null;
        try
        {
            using var first = new HttpConnection(settings, options.Clock) { Patience = settings.Timeout < _patience ? settings.Timeout : _patience };
            if (await FindServerAsync(first, cancellationToken) is { } server)
            {
                connection = new HttpConnection(settings, options.Clock);
                return new HttpStore(connection, server.Info, server.Instance, options.IsReadOnly);
            }

            if (await FindExportAsync(first, cancellationToken) is not { } manifest)
                throw new UserErrorException($"{settings.Url}: there is no store: neither vt httpd nor what vt static made; see vt-http(7)");
            connection = new HttpConnection(settings, options.Clock);
            return new StaticHttpStore(connection, manifest);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    static Task<(StoreInfo Info, string Instance)?> FindServerAsync(HttpConnection connection, CancellationToken cancellationToken) => connection.CallAsync(
        static () => new HttpRequestMessage(HttpMethod.Get, HttpWire.Prefix + "info"),
        async (response, attempt) =>
        {
            // A server of files may have a page for whatever it has not.
            if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "application/json" || HttpStore.InstanceOf(response) is not { Length: > 0 } instance)
                return ((StoreInfo, string)?)null;
            await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
            return (connection.ParseJson(await attempt.ReadAllAsync(body, HttpWire.LargestText), HttpStoreJson.Default.StoreInfo), instance);
        },
        static status => status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed or HttpStatusCode.Gone,
        cancellationToken);

    static Task<StaticManifest?> FindExportAsync(HttpConnection connection, CancellationToken cancellationToken) => connection.CallAsync(
        static () => new HttpRequestMessage(HttpMethod.Get, HttpWire.ManifestName),
        async (response, attempt) =>
        {
            if (response.StatusCode != HttpStatusCode.OK)
                return null;
            await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
            return connection.ParseJson(await attempt.ReadAllAsync(body, HttpWire.LargestText), HttpStoreJson.Default.StaticManifest);
        },
        static status => status is HttpStatusCode.NotFound or HttpStatusCode.Gone,
        cancellationToken);
}
