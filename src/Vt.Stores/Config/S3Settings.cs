using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Config;

/// <summary>A bucket of an S3 server, or what lies below a prefix in one.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What all keys of the store start with: empty, or a text that ends in <c>/</c>.</param>
public sealed record S3Settings(string Bucket, string Prefix) : StoreSettings
{
    /// <summary>The word for this type, and the scheme of its addresses.</summary>
    public const string Type = "s3";

    internal const string UrlKey = "url";

    const string Scheme = "s3://";
    const int LongestBucket = 255;
    const int LongestPrefix = 512;

    /// <summary>The smallest pack size, in bytes: what one batch of blocks may need has to fit.</summary>
    internal const long SmallestPack = 8 << 20;

    /// <summary>The largest pack size, in bytes: a pack is put together in memory.</summary>
    internal const long LargestPack = 256 << 20;

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => Url;

    /// <summary>The server's address; null for what the environment says, and Amazon's where it says nothing.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The region; null for what the environment or the profile says.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the bucket stands in the path of requests and not in the host's name; null where that follows from the endpoint.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>The profile of the credentials; null for the usual chain.</summary>
    public string? Profile { get; init; }

    /// <summary>The storage class of packs and blocks; null for the bucket's own.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The folder of the local copies of the index, absolute.</summary>
    public string Cache { get; init; } = "";

    /// <summary>How many bytes of copies stay in that folder.</summary>
    public long CacheSize { get; init; } = 1L << 30;

    /// <summary>How many requests may be under way at once.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>How long a request is tried again before it fails.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether a store that is yet to be made keeps each block as an object of its own.</summary>
    public bool IsObjectPerBlock { get; init; }

    /// <summary>Whether references of a store that is yet to be made are for one writer at a time, for servers without conditional requests.</summary>
    public bool IsSingleWriter { get; init; }

    /// <summary>The algorithm of a store that is yet to be made, where the settings name one.</summary>
    public HashAlgorithmId? Hash { get; init; }

    /// <summary>The average block size in bytes of a store that is yet to be made, where the settings name one.</summary>
    public int? BlockSize { get; init; }

    /// <summary>How large a pack grows, in bytes, in a store that is yet to be made, where the settings say.</summary>
    public long? PackSize { get; init; }

    /// <summary>The compression level of a store that is yet to be made, where the settings say.</summary>
    public int? Level { get; init; }

    /// <summary>The address, as specs write it.</summary>
    public string Url => $"{Scheme}{Bucket}{(Prefix.Length > 0 ? "/" : "")}{Prefix.TrimEnd('/')}";

    internal static S3Settings Read(ClauseReader clause)
    {
        var (bucket, prefix) = ReadPlace(clause);
        return new S3Settings(bucket, prefix)
        {
            Endpoint = ReadEndpoint(clause),
            Region = clause.Text("region"),
            PathStyle = clause.Switch("path_style"),
            Profile = clause.Text("profile"),
            StorageClass = clause.Text("storage_class"),
            Cache = clause.Path("cache", "cache/s3"),
            CacheSize = clause.Size("cache_size", 0) ?? 1L << 30,
            Parallel = clause.Number("parallel", 1, 256, "number of requests") ?? 8,
            Timeout = clause.Seconds("timeout", 1, 86400) ?? TimeSpan.FromMinutes(2),
            IsObjectPerBlock = clause.Choice("layout", "packs", "objects") == "objects",
            IsSingleWriter = clause.Choice("references", "conditional", "single-writer") == "single-writer",
            Hash = clause.Hash("hashname"),
            BlockSize = (int?)clause.Size("block_size", 1 << 10, ChunkingParameters.LargestBlock / 4),
            PackSize = clause.Size("pack_size", SmallestPack, LargestPack),
            Level = clause.Number("level", -7, 19, "compression level"),
        };
    }

    static (string Bucket, string Prefix) ReadPlace(ClauseReader clause)
    {
        var url = clause.Find(UrlKey);
        var bucket = clause.Find("bucket");
        var prefix = clause.Find("prefix");
        if ((url is null) == (bucket is null))
            throw new UserErrorException($"{clause.Clause.Origin}: an s3 store needs either url = s3://BUCKET/PREFIX or bucket = BUCKET");
        if (url is null)
            return (CheckBucket(bucket!.Value, bucket.Origin), CheckPrefix(prefix?.Value ?? "", prefix?.Origin ?? bucket.Origin));
        if (prefix is not null)
            throw new UserErrorException($"{prefix.Origin}: 'prefix' goes with 'bucket'; write it behind the bucket in 'url'");
        if (!url.Value.StartsWith(Scheme, StringComparison.Ordinal))
            throw new UserErrorException($"{url.Origin}: '{url.Value}' is no address of a bucket; write s3://BUCKET/PREFIX");
        var place = url.Value[Scheme.Length..];
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        return (CheckBucket(slash < 0 ? place : place[..slash], url.Origin), CheckPrefix(slash < 0 ? "" : place[(slash + 1)..], url.Origin));
    }

    static string CheckBucket(string bucket, ConfigOrigin origin)
    {
        foreach (var letter in bucket)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_'))
                throw new UserErrorException($"{origin}: '{bucket}' is no name of a bucket");
        }

        return bucket.Length is > 0 and <= LongestBucket ? bucket : throw new UserErrorException($"{origin}: the bucket's name is missing; write s3://BUCKET/PREFIX");
    }

    static string CheckPrefix(string prefix, ConfigOrigin origin)
    {
        prefix = prefix.Trim('/');
        foreach (var letter in prefix)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_' or '/' or '=' or '@' or '+'))
                throw new UserErrorException($"{origin}: '{prefix}' is no prefix for keys: it may have letters, digits and -_.=@+/");
        }

        if (prefix.Length > LongestPrefix || prefix.Contains("//", StringComparison.Ordinal))
            throw new UserErrorException($"{origin}: '{prefix}' is no prefix for keys: it is too long, or has an empty part");
        return prefix.Length == 0 ? "" : prefix + '/';
    }

    static string? ReadEndpoint(ClauseReader clause)
    {
        if (clause.Find("endpoint") is not { } endpoint)
            return null;
        return Uri.TryCreate(endpoint.Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? endpoint.Value.TrimEnd('/')
            : throw new UserErrorException($"{endpoint.Origin}: 'endpoint' is no address of a server; write https://HOST or http://HOST:PORT, without a name or password");
    }
}
