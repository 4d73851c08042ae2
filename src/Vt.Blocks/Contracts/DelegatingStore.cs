using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Contracts;

/// <summary>A store that hands every call to another one, for decorators to change in part. It has none of the other's capabilities.</summary>
/// <param name="inner">The other store; disposed only by a decorator that says so.</param>
public abstract class DelegatingStore(IBlockStore inner) : IBlockStore
{
    /// <inheritdoc/>
    public virtual string Description => inner.Description;

    /// <inheritdoc/>
    public BlockHasher Hasher => inner.Hasher;

    /// <inheritdoc/>
    public ChunkingParameters Chunking => inner.Chunking;

    /// <inheritdoc/>
    public virtual bool IsComplete => inner.IsComplete;

    /// <inheritdoc/>
    public virtual bool IsDistant => inner.IsDistant;

    /// <summary>The other store.</summary>
    protected IBlockStore Inner => inner;

    /// <inheritdoc/>
    public virtual ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default) =>
        inner.ContainsManyAsync(hashes, present, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default) =>
        inner.GetAsync(hash, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default) =>
        inner.GetManyAsync(hashes, blocks, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default) =>
        inner.AddManyAsync(buffer, blocks, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }
}
