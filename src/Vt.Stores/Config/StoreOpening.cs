using Vt.Blocks.Contracts;
using Vt.Stores.Chains;

namespace Vt.Stores.Config;

/// <summary>
/// Opens a store with all that it is made of: settings that are equal are one store, however often they are named. Used by one task.
/// </summary>
/// <param name="options">How stores are opened.</param>
sealed class StoreOpening(StoreOpenOptions options)
{
    readonly Dictionary<(StoreSettings Settings, bool IsReadOnly), LateStore> _parts = [];

    /// <summary>How stores are opened.</summary>
    public StoreOpenOptions Options => options;

    /// <summary>A store as a part of another; whoever gets it disposes it. It is open, unless it can't be reached now.</summary>
    /// <param name="settings">The store.</param>
    /// <param name="isReadOnly">Whether nothing will be added to it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LateStore> PartAsync(StoreSettings settings, bool isReadOnly, CancellationToken cancellationToken)
    {
        if (_parts.TryGetValue((settings, isReadOnly), out var known))
            return known.Share();
        var part = new LateStore(settings.Name, token => StoreFactory.OpenAsync(settings, this, isReadOnly, token), options.Clock);
        _parts.Add((settings, isReadOnly), part);
        try
        {
            await part.OpenAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is UserErrorException or StoreUnavailableException or FormatInvalidException)
        {
            // It may come back. Whoever needs it now says why it can't be had.
        }

        return part;
    }

    /// <summary>Parts in their order. Those in memory come last, as they take what the others agree on.</summary>
    /// <param name="settings">The stores.</param>
    /// <param name="isReadOnly">Whether nothing will be added to a store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyDictionary<StoreSettings, LateStore>> PartsAsync(
        IEnumerable<StoreSettings> settings, Func<StoreSettings, bool> isReadOnly, CancellationToken cancellationToken)
    {
        var parts = new Dictionary<StoreSettings, LateStore>();
        foreach (var one in settings.OrderBy(static one => one is MemorySettings))
            parts.TryAdd(one, await PartAsync(one, isReadOnly(one), cancellationToken));
        return parts;
    }

    /// <summary>What the parts that are open agree on, as far as they do; null where none is open.</summary>
    public StoreIdentity? Identity => _parts.Values.Select(static part => part.Identity).FirstOrDefault(static identity => identity is not null);
}
