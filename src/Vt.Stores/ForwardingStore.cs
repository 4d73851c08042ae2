using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores;

/// <summary>
/// A store that hands every call to another one: what decorators derive from and change in part. It has all capability interfaces; a call of
/// one that the other store lacks throws <see cref="NotSupportedException"/>, which <see cref="Has{T}"/> tells before.
/// </summary>
/// <param name="inner">The other store; disposed with this one.</param>
public abstract class ForwardingStore(IBlockStore inner) : DelegatingStore(inner), IBlockEnumeration, IRefStore, IStoreCapacity, IDamageNotes, ICached, IPartialStore, IStoreLag
{
    /// <summary>Whether calls of a capability interface have somewhere to go.</summary>
    /// <typeparam name="T">The interface.</typeparam>
    public bool Has<T>()
        where T : class => Inner is ForwardingStore forwarding ? forwarding.Has<T>() : Inner is T;

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
    public virtual StoreCapacity? GetCapacity() => (Inner as IStoreCapacity)?.GetCapacity();

    /// <inheritdoc/>
    public virtual IEnumerable<CacheFigures> ReadCaches() => (Inner as ICached)?.ReadCaches() ?? [];

    /// <inheritdoc/>
    public virtual bool HasDamage => Inner is IDamageNotes { HasDamage: true };

    /// <inheritdoc/>
    public virtual ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default) =>
        Capability<IDamageNotes>().NoteDamageAsync(hash, cancellationToken);

    /// <inheritdoc/>
    public virtual StoreLag? GetLag() => (Inner as IStoreLag)?.GetLag();

    /// <inheritdoc/>
    public virtual Task CatchUpAsync(CancellationToken cancellationToken = default) =>
        Inner is IStoreLag lagging ? lagging.CatchUpAsync(cancellationToken) : Task.CompletedTask;

    /// <inheritdoc/>
    public virtual ValueTask MarkPartialAsync(CancellationToken cancellationToken = default) =>
        Inner is IPartialStore partial ? partial.MarkPartialAsync(cancellationToken) : default;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Inner.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    T Capability<T>()
        where T : class => Inner as T ?? throw new NotSupportedException($"{Inner.Description} is no {typeof(T).Name}");
}
