using Amazon.S3.Model;
using Vt.Blocks.Contracts;

namespace Vt.Stores.S3.Access;

/// <summary>Puts of large objects: in parts, several at once. An upload that fails or is cancelled is given up at the server too.</summary>
sealed partial class S3Bucket
{
    /// <summary>Objects of more bytes are put in parts.</summary>
    public const int MultipartAbove = 64 << 20;

    const int PartSize = 16 << 20;

    async Task<string> PutPartsAsync(string key, ReadOnlyMemory<byte> bytes, bool isBulk, CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest { BucketName = _settings.Bucket, Key = _settings.Prefix + key, ContentType = "application/octet-stream" };
        if (isBulk && _settings.StorageClass is { } storageClass)
            begin.StorageClass = storageClass;
        var upload = await TryAgainAsync($"writing {key}", 0, async token => (await _client.InitiateMultipartUploadAsync(begin, token)).UploadId, cancellationToken);
        try
        {
            var parts = new PartETag[(bytes.Length + PartSize - 1) / PartSize];
            var pace = new ParallelOptions { MaxDegreeOfParallelism = _settings.Parallel, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, parts.Length, pace, async (i, token) => parts[i] = await PutPartAsync(key, upload, i, bytes, token));
            var complete = new CompleteMultipartUploadRequest
            {
                BucketName = _settings.Bucket,
                Key = _settings.Prefix + key,
                UploadId = upload,
                PartETags = [.. parts],
            };
            var tag = await TryAgainAsync<string?>(
                $"writing {key}", 0, async token => Bare((await _client.CompleteMultipartUploadAsync(complete, token)).ETag), cancellationToken, mayBeMissing: true);

            // An upload that is not there any more was put together by a try whose answer was lost.
            return tag ?? (await LengthOfAsync(key, cancellationToken) == bytes.Length
                ? ""
                : throw new StoreUnavailableException(Description, $"writing {key}: the server has lost the upload"));
        }
        catch
        {
            await GiveUpAsync(key, upload);
            throw;
        }
    }

    Task<PartETag> PutPartAsync(string key, string upload, int index, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var part = bytes.Slice(index * PartSize, Math.Min(PartSize, bytes.Length - (index * PartSize)));
        return TryAgainAsync($"writing {key}", part.Length, async token =>
        {
            var answer = await _client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = _settings.Bucket,
                Key = _settings.Prefix + key,
                UploadId = upload,
                PartNumber = index + 1,
                PartSize = part.Length,
                InputStream = StreamOf(part),
                UseChunkEncoding = false,
            }, token);
            return new PartETag(index + 1, answer.ETag);
        }, cancellationToken);
    }

    // Parts that nobody puts together are kept, and paid for, until somebody says that they are not wanted.
    async Task GiveUpAsync(string key, string upload)
    {
        using var patience = new CancellationTokenSource(TryTimeout, Clock);
        var abort = new AbortMultipartUploadRequest { BucketName = _settings.Bucket, Key = _settings.Prefix + key, UploadId = upload };
        try
        {
            await _client.AbortMultipartUploadAsync(abort, patience.Token);
        }
        catch (Exception thrown) when (IsOfRequest(thrown))
        {
            // The bucket's own rule for unfinished uploads is what remains.
        }
    }
}
