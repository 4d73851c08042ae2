using Vt.Blocks.Contracts;
using Vt.Stores;
using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>An export's store as it was opened once: what was added to it and not flushed is there for as long as it is.</summary>
/// <param name="store">The store.</param>
sealed class OpenedStore(IBlockStore store) : IAsyncDisposable
{
    readonly CancellationTokenSource _retired = new();

    /// <summary>Its own, by which clients know that it is the one that they added to.</summary>
    public Guid Instance { get; } = Guid.NewGuid();

    /// <summary>The store.</summary>
    public IBlockStore Store => store;

    /// <summary>The moves of references that were made for clients, and what came of them.</summary>
    public MoveMemory Moves { get; } = new();

    /// <summary>How many sessions use it; the export's gate guards it.</summary>
    public int Users { get; set; }

    /// <summary>Cancelled when another one takes its place: its sessions end, since it refuses to be written to.</summary>
    public CancellationToken Retired => _retired.Token;

    /// <summary>Another one takes its place.</summary>
    public void Retire() => _retired.Cancel();

    /// <summary>What it can do, now.</summary>
    public StoreFeatures Features =>
        (store.IsComplete ? StoreFeatures.Complete : 0)
        | (Find<IBlockEnumeration>() is not null ? StoreFeatures.Enumeration | StoreFeatures.Sketches : 0)
        | (Find<IRefStore>() is not null ? StoreFeatures.References : 0)
        | (Find<IDamageNotes>() is { } notes ? StoreFeatures.DamageNotes | (notes.HasDamage ? StoreFeatures.HasDamage : 0) : 0);

    /// <summary>A capability of the store; null where it has it not.</summary>
    public T? Find<T>()
        where T : class => store is ForwardingStore forwarding && !forwarding.Has<T>() ? null : store as T;

    /// <summary>A capability of the store.</summary>
    /// <exception cref="NotSupportedException">It has it not.</exception>
    public T Need<T>(string what)
        where T : class => Find<T>() ?? throw new NotSupportedException($"{store.Description} {what}");

    /// <summary>How much it holds; null where it doesn't know.</summary>
    public StoreCapacity? ReadCapacity() => Find<IStoreCapacity>()?.GetCapacity();

    /// <summary>Closes the store; nobody uses it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        _retired.Dispose();
    }
}
