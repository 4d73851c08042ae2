using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.S3.Access;
using Vt.Stores.S3.Refs;

namespace Vt.Stores.S3;

/// <summary>
/// A store in a bucket that keeps each block as an object <c>HEX.HASHNAME</c> with the block's bytes as they are: what any tool can read, at a request a block. Thread-safe.
/// </summary>
sealed class S3ObjectStore : S3Store
{
    readonly FirstFailure _failure;
    readonly int _parallel;
    readonly ConcurrentDictionary<BlockHash, Task<bool>> _writing = new();
    readonly ConcurrentDictionary<BlockHash, byte> _damaged = new();

    /// <summary>Opens one.</summary>
    /// <param name="bucket">The bucket; goes over to the store.</param>
    /// <param name="config">What it was made with.</param>
    /// <param name="refs">Its references.</param>
    /// <param name="options">How.</param>
    /// <param name="parallel">How many requests may be under way.</param>
    public S3ObjectStore(S3Bucket bucket, S3Config config, S3References refs, S3Options options, int parallel)
        : base(bucket, config, refs, options.IsReadOnly)
    {
        _failure = new FirstFailure(bucket.Description);
        _parallel = parallel;
    }

    /// <inheritdoc/>
    public override async ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Parallel.ForAsync(0, hashes.Length, Pace(cancellationToken), async (i, token) =>
        {
            var isThere = await IsThereAsync(hashes.Span[i], token);
            present.Span[i] = isThere;
        });
    }

    /// <inheritdoc/>
    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (hash.Algorithm != Config.Hash)
            return default;
        var key = S3Layout.Block(hash);
        for (var isAgain = false; ; isAgain = true)
        {
            if (await Bucket.TryGetAsync(key, cancellationToken) is not { } found)
                return default;
            var name = Hasher.Hash(found.Bytes);
            if (name == hash)
                return new BlockLease(found.Bytes, null);
            if (!isAgain)
                continue;
            _damaged.TryAdd(hash, 0);
            throw new BlockCorruptException(hash, $"{Description} {key}", $"its bytes hash to {name}");
        }
    }

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        blocks.Span[..hashes.Length].Clear();
        try
        {
            await Parallel.ForAsync(0, hashes.Length, Pace(cancellationToken), async (i, token) =>
            {
                var lease = await GetAsync(hashes.Span[i], token);
                blocks.Span[i] = lease;
            });
        }
        catch
        {
            blocks.Span[..hashes.Length].Clear();
            throw;
        }
    }

    /// <summary>Every add is durable when it completes; only a failure before is told.</summary>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _failure.ThrowIfSet();
        return default;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<BlockHash> EnumerateAsync(
        BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (after is { } first && first.Algorithm != Config.Hash)
        {
            if (first.Algorithm > Config.Hash)
                yield break;
            after = null;
        }

        var page = new List<ListedObject>();
        var from = after is { } start ? S3Layout.Block(start) : "";
        bool isMore;
        do
        {
            isMore = await Bucket.ListPageAsync("", from, page, cancellationToken);
            foreach (var row in page)
            {
                // Digits and a to f come before the names of everything else that lies here.
                if (string.CompareOrdinal(row.Key, "g") >= 0)
                    yield break;
                if (BlockHash.TryParse(row.Key, out var hash) && hash.Algorithm == Config.Hash && S3Layout.Block(hash) == row.Key && !_damaged.ContainsKey(hash))
                    yield return hash;
            }

            from = page.Count > 0 ? page[^1].Key : from;
        }
        while (isMore);
    }

    private protected override async ValueTask<AddCounts> AddAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken)
    {
        _failure.ThrowIfSet();
        var isNew = new bool[blocks.Length];
        await Parallel.ForAsync(0, blocks.Length, Pace(cancellationToken), async (i, token) =>
        {
            var slot = blocks.Span[i];
            isNew[i] = await AddAsync(slot.Hash, buffer.Slice(slot.Offset, slot.Length), token);
        });
        var counts = default(AddCounts);
        for (var i = 0; i < isNew.Length; i++)
        {
            var length = blocks.Span[i].Length;
            counts += isNew[i] ? new AddCounts(1, length, length, 0, 0) : new AddCounts(0, 0, 0, 1, length);
        }

        return counts;
    }

    private protected override ValueTask CloseAsync() => default;

    /// <summary>Puts a block unless it is there. Of many at once in this process one does, and the others wait for it.</summary>
    /// <returns>Whether it was put by this call.</returns>
    async Task<bool> AddAsync(BlockHash hash, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var mine = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var running = _writing.GetOrAdd(hash, mine.Task);
            if (running != mine.Task)
            {
                if (await running.WaitAsync(cancellationToken))
                    return false;
                continue;
            }

            var isThere = false;
            try
            {
                if (await IsThereAsync(hash, cancellationToken))
                {
                    isThere = true;
                    return false;
                }

                await Bucket.PutAsync(S3Layout.Block(hash), bytes, isBulk: true, cancellationToken);
                _damaged.TryRemove(hash, out _);
                return isThere = true;
            }
            catch (Exception failed) when (failed is StoreUnavailableException or StoreFullException or UserErrorException)
            {
                _failure.Set(failed);
                throw;
            }
            finally
            {
                _writing.TryRemove(hash, out _);
                mine.SetResult(isThere);
            }
        }
    }

    async Task<bool> IsThereAsync(BlockHash hash, CancellationToken cancellationToken) =>
        hash.Algorithm == Config.Hash && !_damaged.ContainsKey(hash) && await Bucket.LengthOfAsync(S3Layout.Block(hash), cancellationToken) >= 0;

    ParallelOptions Pace(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = _parallel, CancellationToken = cancellationToken };
}
