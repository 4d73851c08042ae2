using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Stores.S3.Access;

/// <summary>Makes the SDK's client for a bucket: where it is, who asks, and nothing of the SDK's own retries and checksums, which not every server stands.</summary>
static class ClientMaker
{
    const string StandardRegion = "us-east-1";

    // The SDK hands a body to the system in pieces of this size. Its own are 8 KiB: a call of the system, and a wake of the server, for each.
    const int SendBytes = 256 << 10;

    /// <summary>Makes one.</summary>
    /// <param name="settings">The bucket.</param>
    /// <param name="options">The surroundings.</param>
    /// <param name="client">The connections; disposed by the caller after what is returned.</param>
    /// <param name="endpoint">Names the server, for what is remembered of it.</param>
    /// <exception cref="UserErrorException">There is no such profile, or no region.</exception>
    public static AmazonS3Client Make(S3Settings settings, S3Options options, out HttpClient client, out string endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = settings.Parallel * 4,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
        };
        var profile = ProfileOf(settings);
        var credentials = options.Credentials ?? CredentialsOf(settings, profile);
        client = new HttpClient(options.Handler is { } wrap ? wrap(handler) : handler) { Timeout = Timeout.InfiniteTimeSpan };
        var address = settings.Endpoint ?? Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");
        var region = settings.Region ?? Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? profile?.Region?.SystemName;
        var config = new AmazonS3Config
        {
            HttpClientFactory = new OneClientFactory(client),
            MaxErrorRetry = 0,
            BufferSize = SendBytes,
            ForcePathStyle = settings.PathStyle ?? address is not null,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (address is not null)
        {
            config.ServiceURL = address;
            config.AuthenticationRegion = region ?? StandardRegion;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region ?? StandardRegion);
        }

        endpoint = address ?? $"amazon {region ?? StandardRegion}";
        return credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
    }

    static CredentialProfile? ProfileOf(S3Settings settings)
    {
        var name = settings.Profile ?? Variable("AWS_PROFILE") ?? "default";
        if (new CredentialProfileStoreChain().TryGetProfile(name, out var profile))
            return profile;
        return settings.Profile is null
            ? null
            : throw new UserErrorException($"{settings.Url}: there is no profile '{settings.Profile}' in ~/.aws/credentials or ~/.aws/config");
    }

    // Without a named profile the SDK's own chain asks the environment first, then the files, then the machine's metadata.
    static AWSCredentials? CredentialsOf(S3Settings settings, CredentialProfile? profile) =>
        settings.Profile is null
            ? null
            : profile!.CanCreateAWSCredentials
                ? profile.GetAWSCredentials(null)
                : throw new UserErrorException($"{settings.Url}: profile '{settings.Profile}' has no credentials");

    static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
