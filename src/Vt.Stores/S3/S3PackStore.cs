using System.Buffers;
using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Vt.Stores.S3.Access;
using Vt.Stores.S3.Index;
using Vt.Stores.S3.Reading;
using Vt.Stores.S3.Refs;
using Vt.Stores.S3.Writing;

namespace Vt.Stores.S3;

/// <summary>
/// A store in a bucket that keeps blocks in packs, and index objects that say where. vt-s3(5) has the formats, doc/design/009-s3.md the reasons. Thread-safe; any number of processes on
/// any number of machines may use one.
/// </summary>
sealed class S3PackStore : S3Store, IStoreCapacity, ICached
{
    const int EnumerationBatch = 1024;
    const long FrameBudget = 32 << 20;
    const long RangeBudget = 48 << 20;
    const long Unbounded = 1L << 60;

    // While blocks are added it is looked this often what others have added.
    static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    readonly MemoryTable _table;
    readonly S3Index _index;
    readonly BlockFinder _finder;
    readonly FirstFailure _failure;
    readonly PackUploads _uploads;
    readonly PackAdder _adder;
    readonly RangeCache _ranges;
    readonly FrameStore _frames;
    readonly PackReader _reader;
    readonly CancellationTokenSource _closing = new();

    // Guards the task.
    readonly Lock _mergingGate = new();
    Task _merging = Task.CompletedTask;

    S3PackStore(S3Bucket bucket, S3Config config, S3References refs, IndexCache cache, S3Options options, int parallel)
        : base(bucket, config, refs, options.IsReadOnly)
    {
        _table = new MemoryTable(config.Hash);
        _index = new S3Index(bucket, config, cache, parallel);
        _finder = new BlockFinder(_table, _index, refs, options.Clock, options.Freshness);
        _failure = new FirstFailure(bucket.Description);
        _uploads = new PackUploads(bucket, config, _table, _index, _failure, parallel);
        _adder = new PackAdder(_table, _finder, _uploads, config.Level);
        _ranges = new RangeCache(bucket, _index, parallel, Math.Max(RangeBudget, 2L * parallel * RangeCache.LongestPart));
        _frames = new FrameStore(_index, _uploads, _ranges, FrameBudget);
        _reader = new PackReader(bucket.Description, Hasher, _finder, _index, _ranges, _frames);
    }

    /// <summary>Opens one.</summary>
    /// <param name="bucket">The bucket; goes over to the store.</param>
    /// <param name="config">What it was made with.</param>
    /// <param name="refs">Its references.</param>
    /// <param name="cache">The local copies of its index.</param>
    /// <param name="options">How.</param>
    /// <param name="parallel">How many requests may be under way.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<S3PackStore> OpenAsync(
        S3Bucket bucket, S3Config config, S3References refs, IndexCache cache, S3Options options, int parallel, CancellationToken cancellationToken)
    {
        var store = new S3PackStore(bucket, config, refs, cache, options, parallel);
        try
        {
            await store._index.RefreshAsync(long.MaxValue, cancellationToken);
            return store;
        }
        catch
        {
            store._index.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rented = ArrayPool<BlockLocation>.Shared.Rent(hashes.Length);
        try
        {
            Array.Clear(rented, 0, hashes.Length);
            await _finder.FindFreshAsync(hashes, rented.AsMemory(0, hashes.Length), isForUse: true, cancellationToken);
            for (var i = 0; i < hashes.Length; i++)
                present.Span[i] = !rented[i].IsNone;
        }
        finally
        {
            ArrayPool<BlockLocation>.Shared.Return(rented);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _reader.GetAsync(hash, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _reader.GetManyAsync(hashes, blocks, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsReadOnly)
            return;
        await _uploads.FlushAsync(cancellationToken);
        lock (_mergingGate)
        {
            if (_merging.IsCompleted && !_closing.IsCancellationRequested)
                _merging = Task.Run(MergeAsync, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<BlockHash> EnumerateAsync(
        BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _index.RefreshAsync(long.MaxValue, cancellationToken);
        var fresh = _table.Enumerate().Select(block => block.Hash).Where(hash => after is not { } first || hash > first).ToArray();
        Array.Sort(fresh);
        var batch = new BlockHash[EnumerationBatch];
        var next = 0;
        BlockHash? last = null;
        for (var count = batch.Length; count == batch.Length;)
        {
            count = await NextBatchAsync(after, batch, cancellationToken);
            for (var i = 0; i < count; i++)
            {
                for (; next < fresh.Length && fresh[next] < batch[i]; next++)
                {
                    if (fresh[next] != last)
                        yield return fresh[next];
                    last = fresh[next];
                }

                if (batch[i] != last && !_finder.IsDamaged(batch[i]))
                    yield return batch[i];
                last = after = batch[i];
            }
        }

        for (; next < fresh.Length; next++)
        {
            if (fresh[next] != last)
                yield return fresh[next];
            last = fresh[next];
        }
    }

    /// <summary>What the packs take, in a place whose size nobody knows.</summary>
    public StoreCapacity GetCapacity()
    {
        var stored = Math.Min(Unbounded, Math.Max(_index.StoredBytes, _index.Count + _table.Count));
        return new StoreCapacity(Unbounded, Unbounded - stored, Unbounded - stored, stored, _index.Count + _table.Count);
    }

    StoreCapacity? IStoreCapacity.GetCapacity() => GetCapacity();

    /// <inheritdoc/>
    public IEnumerable<CacheFigures> ReadCaches() => [_frames.Figures];

    private protected override async ValueTask<AddCounts> AddAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken)
    {
        _failure.ThrowIfSet();
        var old = Bucket.Clock.GetTimestamp() - (long)(_interval.TotalSeconds * Bucket.Clock.TimestampFrequency);
        if (_index.ListedAt < old)
            await _index.RefreshAsync(old, cancellationToken);
        return await _adder.AddAsync(buffer, blocks, cancellationToken);
    }

    private protected override async ValueTask CloseAsync()
    {
        if (!IsReadOnly && !_failure.IsSet)
        {
            try
            {
                await FlushAsync(CancellationToken.None);
            }
            catch (Exception failed) when (failed is StoreUnavailableException or StoreFullException or UserErrorException)
            {
                // Whoever needed it durable has flushed before.
            }
        }

        Task merging;
        lock (_mergingGate)
        {
            _closing.CancelAfter(TimeSpan.FromSeconds(30));
            merging = _merging;
        }

        await merging;
        await _uploads.DisposeAsync();
        _ranges.Dispose();
        _frames.Dispose();
        _adder.Dispose();
        _index.Dispose();
        _closing.Dispose();
    }

    async ValueTask<int> NextBatchAsync(BlockHash? after, BlockHash[] batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return _index.EnumerateFrom(after, batch);
            }
            catch (IndexDamageException damage)
            {
                await _index.MendAsync(damage, cancellationToken);
            }
        }
    }

    // What is not merged now is merged after another flush: nothing depends on it.
    async Task MergeAsync()
    {
        try
        {
            await _index.MergeAsync(_closing.Token);
        }
        catch (Exception failed) when (failed is StoreUnavailableException or StoreFullException or UserErrorException or FormatInvalidException or OperationCanceledException)
        {
        }
    }
}
