using Vt.Blocks.Contracts;

namespace Vt.Stores.Chains;

/// <summary>One opening of a store, counted: it is closed when it is retired and the last call is over. Thread-safe.</summary>
/// <param name="store">The open store.</param>
sealed class StoreHandle(IBlockStore store)
{
    int _users = 1;

    /// <summary>The open store.</summary>
    public IBlockStore Store => store;

    /// <summary>Why it was retired; null while it was not.</summary>
    public Exception? WhyRetired { get; set; }

    /// <summary>Takes part, unless the store is closed already.</summary>
    public bool TryAcquire()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
                return true;
            users = seen;
        }

        return false;
    }

    /// <summary>Lets go.</summary>
    public ValueTask ReleaseAsync() => Interlocked.Decrement(ref _users) == 0 ? store.DisposeAsync() : default;
}
