using System.Buffers;
using Amazon.S3.Model;
using Vt.Blocks.Contracts;

namespace Vt.Stores.S3.Access;

/// <summary>Puts of large objects: in parts, several at once. An upload that fails or is cancelled is given up at the server too.</summary>
sealed partial class S3Bucket
{
    /// <summary>Objects of more bytes are put in parts.</summary>
    public const int MultipartAbove = 64 << 20;

    const int PartSize = 16 << 20;

    /// <summary>Puts an object that is read piece by piece.</summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="source">Gives them, maybe several times and from several threads.</param>
    /// <param name="isBulk">Whether the storage class of the settings applies.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new tag.</returns>
    public async Task<string> PutAsync(string key, long length, UploadSource source, bool isBulk, CancellationToken cancellationToken)
    {
        if (length > MultipartAbove)
            return await PutPartsAsync(key, length, source, isBulk, cancellationToken);
        var bytes = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            source.Read(0, bytes.AsSpan(0, (int)length));
            return await PutAsync(key, bytes.AsMemory(0, (int)length), isBulk, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    async Task<string> PutPartsAsync(string key, long length, UploadSource source, bool isBulk, CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest { BucketName = _settings.Bucket, Key = _settings.Prefix + key, ContentType = "application/octet-stream" };
        if (isBulk && _settings.StorageClass is { } storageClass)
            begin.StorageClass = storageClass;
        var upload = await TryAgainAsync($"writing {key}", 0, async token => (await _client.InitiateMultipartUploadAsync(begin, token)).UploadId, cancellationToken);
        try
        {
            var parts = new PartETag[(length + PartSize - 1) / PartSize];
            var pace = new ParallelOptions { MaxDegreeOfParallelism = _settings.Parallel, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, parts.Length, pace, async (i, token) => parts[i] = await PutPartAsync(key, upload, i, length, source, token));
            var complete = new CompleteMultipartUploadRequest
            {
                BucketName = _settings.Bucket,
                Key = _settings.Prefix + key,
                UploadId = upload,
                PartETags = [.. parts],
            };
            var tag = await TryAgainAsync<string?>(
                $"writing {key}", 0, async token => Bare((await _client.CompleteMultipartUploadAsync(complete, token)).ETag), cancellationToken);

            // An upload that is not there any more was put together by a try whose answer was lost.
            return tag ?? (await LengthOfAsync(key, cancellationToken) == length
                ? ""
                : throw new StoreUnavailableException(Description, $"writing {key}: the server has lost the upload"));
        }
        catch
        {
            await GiveUpAsync(key, upload);
            throw;
        }
    }

    async Task<PartETag> PutPartAsync(string key, string upload, int index, long length, UploadSource source, CancellationToken cancellationToken)
    {
        var offset = (long)index * PartSize;
        var size = (int)Math.Min(PartSize, length - offset);
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            source.Read(offset, bytes.AsSpan(0, size));
            return await TryAgainAsync($"writing {key}", size, async token =>
            {
                var answer = await _client.UploadPartAsync(new UploadPartRequest
                {
                    BucketName = _settings.Bucket,
                    Key = _settings.Prefix + key,
                    UploadId = upload,
                    PartNumber = index + 1,
                    PartSize = size,
                    InputStream = StreamOf(bytes.AsMemory(0, size)),
                    UseChunkEncoding = false,
                }, token);
                return new PartETag(index + 1, answer.ETag);
            }, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // Parts that nobody puts together are kept, and paid for, until somebody says that they are not wanted.
    async Task GiveUpAsync(string key, string upload)
    {
        using var patience = new CancellationTokenSource(_options.TryTimeout, Clock);
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
