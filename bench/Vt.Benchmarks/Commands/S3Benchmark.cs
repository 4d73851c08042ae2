using System.Diagnostics;
using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Vt.Benchmarks.Commands;

/// <summary>
/// A live mount on a store in a bucket against the SDK itself, which puts and gets 16 MiB objects eight at a time, and small files against s3fs. The server is what the usual
/// variables say (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and the bucket VT_BENCH_BUCKET; without them nothing is measured.
/// </summary>
static class S3Benchmark
{
    const int Part = 16 << 20;
    const int Parallel = 8;
    const int SmallFiles = 1000;
    const int SmallSize = 8 << 10;

    public static void Run(Bench bench)
    {
        if (Environment.GetEnvironmentVariable("VT_BENCH_BUCKET") is not { Length: > 0 } bucket)
        {
            bench.Report.Note("S3", "VT_BENCH_BUCKET is not set");
            return;
        }

        var mebibytes = int.Parse(Environment.GetEnvironmentVariable("VT_BENCH_MIB") ?? "2048", CultureInfo.InvariantCulture);
        var (put, get) = RawAsync(bucket, mebibytes).GetAwaiter().GetResult();
        var home = Path.Combine(bench.Scratch, "s3");
        var store = $"s3://{bucket}/{Guid.NewGuid():n}";
        var vt = $"env VT_STORE={store} VT_CONFIG={home}/vtrc XDG_DATA_HOME={home}/data {bench.Vt}";
        Command.Run($"rm -rf {home}; mkdir -p {home}; touch {home}/vtrc; head -c {mebibytes}M /dev/urandom > {home}/source; {vt} init");
        var mountpoint = Path.Combine(home, "mnt");
        double write;
        double small;
        using (new Mounted($"{vt} mount {home}/a.vt {mountpoint}", mountpoint))
        {
            var clock = Stopwatch.StartNew();
            Command.Run($"cp {home}/source {mountpoint}/large; {vt} sync {mountpoint}");
            write = mebibytes / clock.Elapsed.TotalSeconds;
            clock.Restart();
            WriteSmall(mountpoint);
            Command.Run($"{vt} sync {mountpoint}");
            small = SmallFiles / clock.Elapsed.TotalSeconds;
        }

        bench.Report.RatioAtLeast("S3: written to a live mount until it is in the bucket", write, put, "MiB/s", 0.7, "SDK");
        Command.Run($"rm -rf {home}/data");
        using (new Mounted($"{vt} mount -r {home}/a.vt {mountpoint}", mountpoint))
        {
            var clock = Stopwatch.StartNew();
            Command.Run($"cmp {mountpoint}/large {home}/source");
            bench.Report.RatioAtLeast("S3: cold sequential read", mebibytes / clock.Elapsed.TotalSeconds, get, "MiB/s", 0.7, "SDK");
        }

        var peer = Command.Has("s3fs") ? S3fs(bucket, home) : double.NaN;
        if (double.IsNaN(peer))
            bench.Report.Note($"S3: {SmallFiles} files of 8 KiB, durable", FormattableString.Invariant($"{small:0} /s"), "no s3fs");
        else
            bench.Report.RatioAtLeast($"S3: {SmallFiles} files of 8 KiB, durable", small, peer, "/s", 10, "s3fs");
        Command.Run($"rm -rf {home}");
    }

    static void WriteSmall(string folder)
    {
        var bytes = new byte[SmallSize];
        for (var i = 0; i < SmallFiles; i++)
        {
            Random.Shared.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(folder, $"small-{i}"), bytes);
        }
    }

    static double S3fs(string bucket, string home)
    {
        var mountpoint = Path.Combine(home, "s3fs");
        var password = Path.Combine(home, "s3fs.password");
        Command.Run($"umask 077; : > {password}");
        File.WriteAllText(password, $"{Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID")}:{Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY")}\n");
        var url = Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL");
        using (new Mounted($"s3fs {bucket} {mountpoint} -f -o url={url},use_path_request_style,sigv4,endpoint=us-east-1,passwd_file={password}", mountpoint))
        {
            var clock = Stopwatch.StartNew();
            WriteSmall(mountpoint);
            return SmallFiles / clock.Elapsed.TotalSeconds;
        }
    }

    static async Task<(double Put, double Get)> RawAsync(string bucket, int mebibytes)
    {
        using var client = new AmazonS3Client(new EnvironmentVariablesAWSCredentials(), new AmazonS3Config
        {
            ServiceURL = Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL"),
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
        var count = mebibytes / (Part >> 20);
        var bytes = new byte[Part];
        Random.Shared.NextBytes(bytes);
        var pace = new ParallelOptions { MaxDegreeOfParallelism = Parallel };
        var clock = Stopwatch.StartNew();
        await System.Threading.Tasks.Parallel.ForAsync(0, count, pace, async (i, token) =>
        {
            using var stream = new MemoryStream(bytes, writable: false);
            await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = $"raw/{i}", InputStream = stream, UseChunkEncoding = false }, token);
        });
        var put = mebibytes / clock.Elapsed.TotalSeconds;
        clock.Restart();
        await System.Threading.Tasks.Parallel.ForAsync(0, count, pace, async (i, token) =>
        {
            using var answer = await client.GetObjectAsync(bucket, $"raw/{i}", token);
            await answer.ResponseStream.CopyToAsync(Stream.Null, token);
        });
        var get = mebibytes / clock.Elapsed.TotalSeconds;
        for (var i = 0; i < count; i++)
            await client.DeleteObjectAsync(bucket, $"raw/{i}");
        return (put, get);
    }
}
