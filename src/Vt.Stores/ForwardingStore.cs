using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores;

/// <summary>
/// A store that hands every call to another one: what decorators derive from and change in part. It has all capability interfaces; a call of
/// one that the other store lacks throws <see cref="NotSupportedException"/>, which <see cref="Has{T}"/> tells before.
/// </summary>
/// <param name="inner">The other store; disposed with this one.</param>
public abstract class ForwardingStore(IBlockStore inner) : IBlockStore, IBlockEnumeration, IRefStore, IStoreCapacity, IDamageNotes
{
    /// <summary>The other store.</summary>
    protected IBlockStore Inner => inner;

    /// <inheritdoc/>
    public virtual string Description => inner.Description;

    /// <inheritdoc/>
    public BlockHasher Hasher => inner.Hasher;

    /// <inheritdoc/>
    public ChunkingParameters Chunking => inner.Chunking;

    /// <inheritdoc/>
    public bool IsComplete => inner.IsComplete;

    /// <summary>Whether calls of a capability interface have somewhere to go.</summary>
    /// <typeparam name="T">The interface.</typeparam>
    public bool Has<T>()
        where T : class => inner is ForwardingStore forwarding ? forwarding.Has<T>() : inner is T;

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
    public virtual IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default) =>
        Capability<IBlockEnumeration>().EnumerateAsync(after, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
        Capability<IRefStore>().ReadAsync(name, cancellationToken);

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default) =>
        Capability<IRefStore>().ListAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<bool> TryMoveAsync(
        string name, string? expected, string? value, string note, CancellationToken cancellationToken = default) =>
        Capability<IRefStore>().TryMoveAsync(name, expected, value, note, cancellationToken);

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<RefMovement> ReadLogAsync(string name, CancellationToken cancellationToken = default) =>
        Capability<IRefStore>().ReadLogAsync(name, cancellationToken);

    /// <inheritdoc/>
    public virtual StoreCapacity GetCapacity() => Capability<IStoreCapacity>().GetCapacity();

    /// <inheritdoc/>
    public virtual bool HasDamage => inner is IDamageNotes { HasDamage: true };

    /// <inheritdoc/>
    public virtual ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default) =>
        Capability<IDamageNotes>().NoteDamageAsync(hash, cancellationToken);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    T Capability<T>()
        where T : class => inner as T ?? throw new NotSupportedException($"{inner.Description} is no {typeof(T).Name}");
}
