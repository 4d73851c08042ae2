using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.References;
using Vt.Stores.S3.Access;
using Vt.Stores.S3.Refs;

namespace Vt.Stores.S3;

/// <summary>What both layouts of a store in a bucket have in common: what it was made with, and references. Thread-safe.</summary>
abstract class S3Store : IBlockStore, IBlockEnumeration, IRefStore
{
    readonly bool _isReadOnly;
    int _isDisposed;

    private protected S3Store(S3Bucket bucket, S3Config config, S3References refs, bool isReadOnly)
    {
        Bucket = bucket;
        Config = config;
        Refs = refs;
        _isReadOnly = isReadOnly;
        Hasher = HashAlgorithms.GetHasher(config.Hash);
    }

    /// <inheritdoc/>
    public string Description => Bucket.Description;

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking => Config.Chunking;

    /// <inheritdoc/>
    public bool IsComplete => true;

    /// <summary>What the store was made with.</summary>
    public S3Config Config { get; }

    private protected S3Bucket Bucket { get; }

    private protected S3References Refs { get; }

    private protected bool IsReadOnly => _isReadOnly;

    /// <inheritdoc/>
    public abstract ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public abstract ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public abstract ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        BlockBatch.Check(buffer.Length, blocks.Span, Config.Hash);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfReadOnly();
        return await AddAsync(buffer, blocks, cancellationToken);
    }

    /// <inheritdoc/>
    public abstract ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public abstract IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public async ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        return await Refs.ReadAsync(name, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default) => Refs.ListAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is not valid, or the value or the note is not one line.</exception>
    public async ValueTask<bool> TryMoveAsync(
        string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefName.Check(name, value, note);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfReadOnly();
        return await Refs.TryMoveAsync(name, expected, value, note, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RefMovement> ReadLogAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        return Refs.ReadLogAsync(name, cancellationToken);
    }

    /// <summary>Makes durable what was added, unless that failed before, and lets everything go.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await CloseAsync();
        Refs.Dispose();
        Bucket.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes a batch that was checked.</summary>
    private protected abstract ValueTask<AddCounts> AddAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken);

    /// <summary>Ends what only this layout has.</summary>
    private protected abstract ValueTask CloseAsync();

    private protected void ThrowIfReadOnly()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (_isReadOnly)
            throw new StoreUnavailableException(Description, "nothing can be written: it was opened for reading only");
    }
}
