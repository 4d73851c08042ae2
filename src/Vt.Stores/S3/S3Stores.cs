using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Config;
using Vt.Stores.S3.Access;
using Vt.Stores.S3.Index;
using Vt.Stores.S3.Refs;

namespace Vt.Stores.S3;

/// <summary>Opens and makes stores in buckets.</summary>
static class S3Stores
{
    /// <summary>Opens a store.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is none, it is of another version, or its server can't be used.</exception>
    /// <exception cref="StoreUnavailableException">It can't be reached.</exception>
    public static async Task<IBlockStore> OpenAsync(S3Settings settings, S3Options options, CancellationToken cancellationToken)
    {
        var bucket = new S3Bucket(settings, options);
        try
        {
            var config = await ReadConfigAsync(bucket, cancellationToken)
                ?? throw new UserErrorException($"{settings.Url}: there is no store; \"vt init\" makes one, with the same -S or VT_STORE");
            if (!options.IsReadOnly && !config.IsSingleWriter)
                await RequireConditionsAsync(bucket, settings, cancellationToken);
            var refs = new S3References(bucket, config.IsSingleWriter, settings.Timeout);
            return config.IsObjectPerBlock
                ? new S3ObjectStore(bucket, config, refs, options, settings.Parallel)
                : await S3PackStore.OpenAsync(
                    bucket, config, refs, new IndexCache(settings.Cache, config.Id, settings.CacheSize), options, settings.Parallel, cancellationToken);
        }
        catch
        {
            bucket.Dispose();
            throw;
        }
    }

    /// <summary>Makes a store where there is none; what is there stays as it is.</summary>
    /// <param name="settings">Where, and what the settings say of a new one.</param>
    /// <param name="hash">Its hash algorithm, where the settings name none.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was made.</returns>
    /// <exception cref="UserErrorException">It can't be made there.</exception>
    public static async Task<bool> MakeAsync(S3Settings settings, HashAlgorithmId hash, S3Options options, CancellationToken cancellationToken)
    {
        using var bucket = new S3Bucket(settings, options);
        if (await ReadConfigAsync(bucket, cancellationToken) is not null)
            return false;
        var standard = new S3Config();
        var config = standard with
        {
            Hash = settings.Hash ?? hash,
            Chunking = settings.BlockSize is { } average ? ChunkingParameters.ForAverage(average) : standard.Chunking,
            PackSize = settings.PackSize ?? standard.PackSize,
            Level = settings.Level ?? standard.Level,
            IsObjectPerBlock = settings.IsObjectPerBlock,
            IsSingleWriter = settings.IsSingleWriter,
        };
        if (config.IsSingleWriter)
        {
            await bucket.PutAsync(S3Layout.Config, config.ToBytes(), isBulk: false, cancellationToken);
            return true;
        }

        await RequireConditionsAsync(bucket, settings, cancellationToken);
        var backoff = bucket.NewBackoff(settings.Timeout);
        while (true)
        {
            var outcome = await bucket.TryPutAsync(S3Layout.Config, config.ToBytes(), PutCondition.Absent, cancellationToken);
            if (outcome.Kind == PutOutcomeKind.Done)
                return true;

            // Somebody else may have made one meanwhile, or this one was made and only the answer lost.
            if (await ReadConfigAsync(bucket, cancellationToken) is { } made)
                return made.Id == config.Id;
            if (!await backoff.WaitAsync(cancellationToken))
                throw new StoreUnavailableException(settings.Url, "the store could not be made: the server does not say whether it was", isTransient: true, outcome.Cause);
        }
    }

    static async Task<S3Config?> ReadConfigAsync(S3Bucket bucket, CancellationToken cancellationToken)
    {
        if (await bucket.TryGetAsync(S3Layout.Config, cancellationToken) is not { } found)
            return null;
        try
        {
            return S3Config.Parse(found.Bytes);
        }
        catch (FormatInvalidException fault)
        {
            throw new UserErrorException($"{bucket.Description}: {S3Layout.Config} can't be used: {fault.What}", fault);
        }
    }

    /// <summary>Makes sure that the server keeps to conditions of puts, once for each server and bucket.</summary>
    static async Task RequireConditionsAsync(S3Bucket bucket, S3Settings settings, CancellationToken cancellationToken)
    {
        var notes = new ServerNotes(settings.Cache, bucket.Endpoint, settings.Bucket);
        if (notes.TryRead(out var quotesTags))
        {
            bucket.QuotesTags = quotesTags;
            return;
        }

        switch (await new ConditionProbe(bucket).TryAsync(cancellationToken))
        {
            case ConditionSupport.Kept:
                notes.Write(bucket.QuotesTags);
                break;
            case ConditionSupport.None:
                throw new UserErrorException(
                    $"{settings.Url}: the server has no conditional puts, so references can't be moved by several writers; \"references = single-writer\" makes a store for one, see vtrc(5)");
            default:
                throw new UserErrorException(
                    $"{settings.Url}: the server ignores conditions of puts, so two writers would overwrite each other's references without a word; use another server, or \"references = single-writer\" for one writer, see vtrc(5)");
        }
    }
}
