using System.Runtime.InteropServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Stores.S3.Access;

/// <summary>
/// The objects below one prefix of a bucket. Every request that may be repeated is, with growing pauses until the store's deadline; a conditional put is
/// made once and its answer told as it is. Thread-safe.
/// </summary>
/// <exception cref="UserErrorException">Credentials, rights or the bucket's name are wrong.</exception>
/// <exception cref="StoreUnavailableException">The server can't be reached or refuses, and goes on doing so.</exception>
/// <exception cref="StoreFullException">There is no room.</exception>
sealed partial class S3Bucket : IDisposable
{
    const int ListPage = 1000;

    readonly S3Settings _settings;
    readonly S3Options _options;
    readonly AmazonS3Client _client;
    readonly HttpClient _http;

    /// <summary>Makes the client; asks nobody yet.</summary>
    /// <param name="settings">The bucket.</param>
    /// <param name="options">The surroundings.</param>
    public S3Bucket(S3Settings settings, S3Options options)
    {
        _settings = settings;
        _options = options;
        Description = settings.Url;
        try
        {
            _client = ClientMaker.Make(settings, options, out _http, out var endpoint);
            Endpoint = endpoint;
        }
        catch (AmazonClientException failed)
        {
            throw RequestFault.Of(failed, settings.Bucket).ToException(Description, "opening", failed);
        }
    }

    /// <summary>The store's address, for messages.</summary>
    public string Description { get; }

    /// <summary>The server's address.</summary>
    public string Endpoint { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock => _options.Clock;

    /// <summary>A row of tries, until a deadline.</summary>
    public Backoff NewBackoff(TimeSpan patience) => new(Clock, patience, _options.FirstPause);

    /// <summary>How tags are written in conditions: in quotes, as the standard says, or bare, as some servers want them.</summary>
    public bool QuotesTags { get; set; } = true;

    /// <summary>Puts an object, whatever was there.</summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="bytes">Its bytes, of an array; borrowed for the call.</param>
    /// <param name="isBulk">Whether the storage class of the settings applies.</param>
    /// <param name="cancellationToken">Gives up; the object may have been put.</param>
    /// <returns>The new tag.</returns>
    public async Task<string> PutAsync(string key, ReadOnlyMemory<byte> bytes, bool isBulk, CancellationToken cancellationToken)
    {
        if (bytes.Length > MultipartAbove)
            return await PutPartsAsync(key, bytes, isBulk, cancellationToken);
        return await TryAgainAsync($"writing {key}", bytes.Length, async token =>
        {
            var answer = await _client.PutObjectAsync(PutRequestOf(key, bytes, isBulk), token);
            return Bare(answer.ETag);
        }, cancellationToken);
    }

    /// <summary>Puts an object on a condition, in a single try.</summary>
    /// <returns>What is known then. Errors that certainly changed nothing are thrown.</returns>
    public async Task<PutOutcome> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, PutCondition condition, CancellationToken cancellationToken)
    {
        var request = PutRequestOf(key, bytes, isBulk: false);
        if (condition.Kind == PutConditionKind.Absent)
            request.IfNoneMatch = "*";
        else
            request.IfMatch = QuotesTags ? $"\"{condition.ETag}\"" : condition.ETag;
        using var patience = new CancellationTokenSource(TryTimeout + TimeFor(bytes.Length), Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var answer = await _client.PutObjectAsync(request, either.Token);
            return new PutOutcome(PutOutcomeKind.Done, Bare(answer.ETag));
        }
        catch (Exception thrown) when (!cancellationToken.IsCancellationRequested && IsOfRequest(thrown))
        {
            var fault = RequestFault.Of(thrown, _settings.Bucket);
            return fault.Kind switch
            {
                FaultKind.ConditionFailed or FaultKind.Missing => new PutOutcome(PutOutcomeKind.Refused, "", thrown),
                FaultKind.NotOffered => new PutOutcome(PutOutcomeKind.NotOffered, "", thrown),
                FaultKind.Transient => new PutOutcome(PutOutcomeKind.Unknown, "", thrown),
                _ => throw fault.ToException(Description, $"writing {key}", thrown),
            };
        }
    }

    /// <summary>Reads a small object whole.</summary>
    /// <returns>Null where there is none.</returns>
    public Task<FetchedObject?> TryGetAsync(string key, CancellationToken cancellationToken) =>
        TryAgainAsync<FetchedObject?>($"reading {key}", 0, async (token, alive) =>
        {
            using var answer = await _client.GetObjectAsync(new GetObjectRequest { BucketName = _settings.Bucket, Key = _settings.Prefix + key }, token);
            var bytes = new byte[answer.ContentLength];
            return await ReadBodyAsync(answer.ResponseStream, bytes, alive, token) == bytes.Length
                ? new FetchedObject(bytes, Bare(answer.ETag))
                : throw new IOException("the answer is shorter than it says");
        }, cancellationToken, mayBeMissing: true);

    /// <summary>Reads a range.</summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="offset">From where, in bytes.</param>
    /// <param name="into">Receives the bytes; not empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many there are: fewer only at the object's end; -1 where there is no such object.</returns>
    public async Task<int> ReadRangeAsync(string key, long offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest
        {
            BucketName = _settings.Bucket,
            Key = _settings.Prefix + key,
            ByteRange = new ByteRange(offset, offset + into.Length - 1),
        };
        return await TryAgainAsync<int?>($"reading {key}", 0, async (token, alive) =>
        {
            using var answer = await TryGetObjectAsync(request, token);
            if (answer is null)
                return 0;
            if (answer.ContentLength > into.Length)
                throw new StoreUnavailableException(Description, $"reading {key}: the server does not give ranges of objects");
            return await ReadBodyAsync(answer.ResponseStream, into[..(int)answer.ContentLength], alive, token) == answer.ContentLength
                ? (int)answer.ContentLength
                : throw new IOException("the answer is shorter than it says");
        }, cancellationToken, mayBeMissing: true) ?? -1;
    }

    /// <summary>The length of an object in bytes; -1 where there is none.</summary>
    public async Task<long> LengthOfAsync(string key, CancellationToken cancellationToken) =>
        await TryAgainAsync<long?>($"asking for {key}", 0, async token =>
        {
            var answer = await _client.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = _settings.Bucket, Key = _settings.Prefix + key }, token);
            return answer.ContentLength;
        }, cancellationToken, mayBeMissing: true) ?? -1;

    /// <summary>Deletes an object; one that isn't there is no fault.</summary>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        TryAgainAsync<bool?>($"deleting {key}", 0, async token =>
        {
            await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _settings.Bucket, Key = _settings.Prefix + key }, token);
            return true;
        }, cancellationToken, mayBeMissing: true);

    /// <summary>A page of a listing, in the order of the keys' bytes.</summary>
    /// <param name="prefix">What the keys start with, behind the store's prefix.</param>
    /// <param name="after">Keys up to and including this one are left out.</param>
    /// <param name="rows">Receives the rows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there are more behind the last row.</returns>
    public Task<bool> ListPageAsync(string prefix, string after, List<ListedObject> rows, CancellationToken cancellationToken) =>
        TryAgainAsync($"listing {prefix}", 0, async token =>
        {
            var request = new ListObjectsV2Request { BucketName = _settings.Bucket, Prefix = _settings.Prefix + prefix, MaxKeys = ListPage };
            if (after.Length > 0)
                request.StartAfter = _settings.Prefix + after;
            var answer = await _client.ListObjectsV2Async(request, token);
            rows.Clear();
            foreach (var row in answer.S3Objects ?? [])
            {
                if (row.Key.StartsWith(_settings.Prefix + prefix, StringComparison.Ordinal))
                {
                    var when = new DateTimeOffset(DateTime.SpecifyKind(row.LastModified?.ToUniversalTime() ?? DateTime.UnixEpoch, DateTimeKind.Utc));
                    rows.Add(new ListedObject(row.Key[_settings.Prefix.Length..], row.Size ?? 0, Bare(row.ETag), when));
                }
            }

            return answer.IsTruncated == true && rows.Count > 0;
        }, cancellationToken);

    /// <summary>A whole listing.</summary>
    public async Task<List<ListedObject>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var all = new List<ListedObject>();
        var page = new List<ListedObject>();
        bool isMore;
        do
        {
            isMore = await ListPageAsync(prefix, all.Count > 0 ? all[^1].Key : "", page, cancellationToken);
            all.AddRange(page);
        }
        while (isMore);
        return all;
    }

    /// <summary>Begins to read a range.</summary>
    /// <returns>Null where it lies behind the object's end.</returns>
    async Task<GetObjectResponse?> TryGetObjectAsync(GetObjectRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetObjectAsync(request, cancellationToken);
        }
        catch (AmazonS3Exception answer) when (RequestFault.Of(answer, _settings.Bucket).Kind == FaultKind.OutOfRange)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    static string Bare(string? etag) => etag is null ? "" : etag.Trim('"');

    PutObjectRequest PutRequestOf(string key, ReadOnlyMemory<byte> bytes, bool isBulk)
    {
        var request = new PutObjectRequest
        {
            BucketName = _settings.Bucket,
            Key = _settings.Prefix + key,
            InputStream = StreamOf(bytes),
            ContentType = "application/octet-stream",
            UseChunkEncoding = false,
        };
        if (isBulk && _settings.StorageClass is { } storageClass)
            request.StorageClass = storageClass;
        return request;
    }

    static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false, publiclyVisible: true)
        : new MemoryStream(bytes.ToArray(), writable: false);

    static async Task<int> ReadBodyAsync(Stream body, Memory<byte> into, Action alive, CancellationToken cancellationToken)
    {
        var done = 0;
        while (done < into.Length)
        {
            var got = await body.ReadAsync(into[done..], cancellationToken);
            if (got == 0)
                break;
            done += got;
            alive();
        }

        return done;
    }
}
