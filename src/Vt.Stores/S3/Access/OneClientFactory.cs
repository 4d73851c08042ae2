using Amazon.Runtime;

namespace Vt.Stores.S3.Access;

/// <summary>Gives the SDK the one client over which all requests of a store go.</summary>
/// <param name="client">The client; whoever made it disposes it.</param>
sealed class OneClientFactory(HttpClient client) : HttpClientFactory
{
    /// <inheritdoc/>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

    /// <inheritdoc/>
    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    /// <inheritdoc/>
    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
}
