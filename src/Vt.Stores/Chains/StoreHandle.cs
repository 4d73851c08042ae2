using Vt.Blocks.Contracts;

namespace Vt.Stores.Chains;

/// <summary>One opening of a store, counted: it is closed when it is retired and the last call is over. Thread-safe.</summary>
/// <param name="store">The open store.</param>
sealed class StoreHandle(IBlockStore store)
{
    int _users = 1;
    long _added;
    long _flushed;

    /// <summary>The open store.</summary>
    public IBlockStore Store => store;

    /// <summary>Whether something was added that no flush has confirmed.</summary>
    public bool IsOwing => Interlocked.Read(ref _added) != Interlocked.Read(ref _flushed);

    /// <summary>Says that something is about to be added.</summary>
    public void NoteAdd() => Interlocked.Increment(ref _added);

    /// <summary>What a flush that starts now will confirm.</summary>
    public long BeginFlush() => Interlocked.Read(ref _added);

    /// <summary>Says that a flush has succeeded.</summary>
    public void EndFlush(long added) => Interlocked.Exchange(ref _flushed, added);

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
