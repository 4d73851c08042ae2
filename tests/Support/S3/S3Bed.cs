using Amazon.Runtime;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Config;
using Vt.Stores.S3;
using Vt.Stores.S3.Access;

namespace Vt.Tests.Support.S3;

/// <summary>A place for one test's store: a prefix that nobody else has, a folder for local copies, and the wire to the server.</summary>
public sealed class S3Bed : IDisposable
{
    public const string AccessKey = "AKTESTACCESSKEY";
    public const string SecretKey = "testsecret1234567";

    readonly TempFolder _folder = new();
    readonly Func<HttpMessageHandler, HttpMessageHandler> _network;
    readonly AWSCredentials _credentials;

    /// <summary>A place on a server in this process.</summary>
    public S3Bed()
    {
        var server = new MemoryServer();
        Server = server;
        _network = _ => server;
        _credentials = new BasicAWSCredentials(AccessKey, SecretKey);
        Settings = new S3Settings("bucket", "") { Endpoint = "http://s3.invalid", Cache = _folder["cache"], Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>A place on a real server.</summary>
    public S3Bed(string endpoint, string bucket, string access, string secret)
    {
        _network = static inner => inner;
        _credentials = new BasicAWSCredentials(access, secret);
        Settings = new S3Settings(bucket, $"{Guid.NewGuid():n}/") { Endpoint = endpoint, Cache = _folder["cache"], Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>The server in this process, where it is one.</summary>
    public MemoryServer? Server { get; }

    /// <summary>The settings of the store.</summary>
    public S3Settings Settings { get; set; }

    /// <summary>How old a listing may be.</summary>
    public TimeSpan Freshness { get; set; } = TimeSpan.Zero;

    /// <summary>The folder of the test's files.</summary>
    public TempFolder Folder => _folder;

    /// <summary>The wires of the stores that were opened, newest last.</summary>
    public List<Wire> Wires { get; } = [];

    /// <summary>The wire of the store that was opened last.</summary>
    public Wire Wire => Wires[^1];

    /// <summary>Makes the store.</summary>
    public Task<bool> MakeAsync() => S3Stores.MakeAsync(Settings, HashAlgorithms.Default, Options(null, isReadOnly: false), CancellationToken.None);

    /// <summary>Opens the store, made before or now.</summary>
    public async Task<IBlockStore> OpenAsync(Func<HttpRequestMessage, int, WireFault?>? fault = null, bool isReadOnly = false)
    {
        if (!isReadOnly && fault is null)
            await MakeAsync();
        return await S3Stores.OpenAsync(Settings, Options(fault, isReadOnly), CancellationToken.None);
    }

    /// <summary>The bucket itself, below the store's prefix.</summary>
    internal S3Bucket OpenBucket(Func<HttpRequestMessage, int, WireFault?>? fault = null) => new(Settings, Options(fault, isReadOnly: false));

    public void Dispose() => _folder.Dispose();

    S3Options Options(Func<HttpRequestMessage, int, WireFault?>? fault, bool isReadOnly) => new()
    {
        Credentials = _credentials,
        IsReadOnly = isReadOnly,
        Freshness = Freshness,
        FirstPause = TimeSpan.FromMilliseconds(Server is null ? 100 : 1),
        TryTimeout = TimeSpan.FromSeconds(10),
        Handler = inner =>
        {
            var wire = new Wire(_network(inner)) { Fault = fault };
            Wires.Add(wire);
            return wire;
        },
    };
}
