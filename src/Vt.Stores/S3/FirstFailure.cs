using Vt.Blocks.Contracts;

namespace Vt.Stores.S3;

/// <summary>The first failed upload of a store. From then on nothing is written: what came after would be there and what came before would not. Thread-safe.</summary>
/// <param name="store">The store's description.</param>
sealed class FirstFailure(string store)
{
    Exception? _first;

    /// <summary>Whether an upload failed.</summary>
    public bool IsSet => Volatile.Read(ref _first) is not null;

    /// <summary>Keeps a failure if it is the first.</summary>
    public void Set(Exception failure) => Interlocked.CompareExchange(ref _first, failure, null);

    /// <summary>Refuses to go on after a failure.</summary>
    public void ThrowIfSet()
    {
        switch (Volatile.Read(ref _first))
        {
            case null:
                return;
            case StoreFullException full:
                throw new StoreFullException(store, $"nothing more is written after this: {full.Message}", full);
            case var first:
                throw new StoreUnavailableException(store, $"nothing more is written after this: {first.Message}", isTransient: false, first);
        }
    }
}
