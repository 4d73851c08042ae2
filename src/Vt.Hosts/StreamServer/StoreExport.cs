using Vt.Blocks.Contracts;
using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>
/// A store that is served under a name. It is opened for the first who wants it, and again after writing to it has failed: the store that failed
/// refuses everything from then on, and goes when its last user has gone. Thread-safe.
/// </summary>
/// <param name="name">The name.</param>
/// <param name="access">What clients may do with it.</param>
/// <param name="open">Opens it.</param>
public sealed class StoreExport(string name, ExportAccess access, Func<CancellationToken, Task<IBlockStore>> open) : IAsyncDisposable
{
    readonly SemaphoreSlim _opening = new(1);

    // Guards which store is the current one, and the counts of users.
    readonly Lock _gate = new();
    OpenedStore? _current;

    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>What clients may do with it.</summary>
    public ExportAccess Access => access;

    /// <summary>Opens the store if it is not open, and leaves it open for who comes.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is none.</exception>
    /// <exception cref="StoreUnavailableException">It can't be opened now.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken) => await ReleaseAsync(await UseAsync(cancellationToken));

    /// <summary>Begins to use the store.</summary>
    /// <returns>The store, which <see cref="ReleaseAsync"/> has to follow.</returns>
    internal async Task<OpenedStore> UseAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            lock (_gate)
            {
                if (_current is { } opened)
                {
                    opened.Users++;
                    return opened;
                }
            }

            var store = new OpenedStore(await open(cancellationToken)) { Users = 1 };
            lock (_gate)
                _current = store;
            return store;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Writing failed: the next who comes gets the store opened anew.</summary>
    internal void Retire(OpenedStore store)
    {
        lock (_gate)
        {
            if (_current != store)
                return;
            _current = null;
        }

        store.Retire();
    }

    /// <summary>Ends using a store.</summary>
    internal async ValueTask ReleaseAsync(OpenedStore store)
    {
        lock (_gate)
        {
            if (--store.Users > 0 || _current == store)
                return;
        }

        await store.DisposeAsync();
    }

    /// <summary>Closes the store; nobody may use it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        OpenedStore? last;
        lock (_gate)
            (last, _current) = (_current, null);
        if (last is not null)
            await last.DisposeAsync();
        _opening.Dispose();
    }
}
