using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Vt.Benchmarks.Commands;

/// <summary>
/// A bucket to measure with: that which the usual variables and VT_BENCH_BUCKET name, or one of a Ceph RADOS gateway of our own, in memory and on the loopback (tests/programs/rgw.sh).
/// </summary>
sealed class S3Site : IDisposable
{
    const string OwnAccess = "benchaccess";
    const string OwnSecret = "benchsecret1234567";

    readonly Process? _gateway;
    readonly AmazonS3Client _client;

    S3Site(string endpoint, string bucket, string access, string secret, Process? gateway)
    {
        (Endpoint, Bucket, Access, Secret, _gateway) = (endpoint, bucket, access, secret, gateway);
        _client = new AmazonS3Client(new BasicAWSCredentials(access, secret), new AmazonS3Config
        {
            ServiceURL = endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public string Endpoint { get; }

    public string Bucket { get; }

    public string Access { get; }

    public string Secret { get; }

    /// <summary>Starts one, if none is named.</summary>
    /// <param name="folder">An empty folder for it.</param>
    /// <returns>Null where there is no gateway on this machine.</returns>
    public static S3Site? TryStart(string folder)
    {
        if (Environment.GetEnvironmentVariable("VT_BENCH_BUCKET") is { Length: > 0 } bucket)
            return new S3Site(Variable("AWS_ENDPOINT_URL"), bucket, Variable("AWS_ACCESS_KEY_ID"), Variable("AWS_SECRET_ACCESS_KEY"), null);
        if (Script() is not { } script || !Command.Has("radosgw") || !Command.Has("ceph-osd"))
            return null;
        var (port, monitor) = (FreePort(), Random.Shared.Next(20000, 30000));
        var gateway = Process.Start(new ProcessStartInfo(script, [folder, $"{port}", $"{monitor}", OwnAccess, OwnSecret, "bench"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (gateway.StandardOutput.ReadLine() != "ready")
            throw new InvalidOperationException("the gateway does not start");
        return new S3Site($"http://127.0.0.1:{port}", "bench", OwnAccess, OwnSecret, gateway);
    }

    /// <summary>The variables that a program needs, for <c>env</c>.</summary>
    /// <param name="endpoint">The address if it is not the bucket's own.</param>
    public string Variables(string? endpoint = null) =>
        $"AWS_ENDPOINT_URL={endpoint ?? Endpoint} AWS_ACCESS_KEY_ID={Access} AWS_SECRET_ACCESS_KEY={Secret} AWS_EC2_METADATA_DISABLED=true";

    /// <summary>Puts objects of random bytes, several at once.</summary>
    public async Task PutAsync(string prefix, int count, int size, int atOnce)
    {
        var bytes = new byte[size];
        Random.Shared.NextBytes(bytes);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, token) =>
        {
            using var stream = new MemoryStream(bytes, writable: false);
            await _client.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = $"{prefix}{i}", InputStream = stream, UseChunkEncoding = false }, token);
        });
    }

    /// <summary>Gets them again.</summary>
    public async Task GetAsync(string prefix, int count, int atOnce) =>
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, token) =>
        {
            using var answer = await _client.GetObjectAsync(Bucket, $"{prefix}{i}", token);
            await answer.ResponseStream.CopyToAsync(Stream.Null, token);
        });

    /// <summary>Deletes all objects below a prefix: the gateway keeps them in memory.</summary>
    public async Task DeleteAsync(string prefix)
    {
        while (true)
        {
            var page = await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Bucket, Prefix = prefix });
            if (page.S3Objects is not { Count: > 0 } objects)
                return;
            foreach (var one in objects)
                await _client.DeleteObjectAsync(Bucket, one.Key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        if (_gateway is null)
            return;
        _gateway.StandardInput.Close();
        if (!_gateway.WaitForExit(60_000))
            _gateway.Kill(entireProcessTree: true);
        _gateway.Dispose();
    }

    static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"{name} is not set, and VT_BENCH_BUCKET is");

    // The sources lie above wherever this was built.
    static string? Script()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Vt.sln")))
                return Path.Combine(folder, "tests", "programs", "rgw.sh");
        }

        return null;
    }

    static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
