using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Stores.DataDir.Disk;

/// <summary>
/// The first failed write of a store. From then on nothing is written: after a failed fsync the kernel may have dropped what it could not
/// write, so whatever came after would be durable and what came before would not. Thread-safe.
/// </summary>
/// <param name="store">The store's description.</param>
sealed class WriteFailure(string store)
{
    Exception? _first;

    /// <summary>Whether a write failed.</summary>
    public bool IsSet => Volatile.Read(ref _first) is not null;

    /// <summary>Refuses to go on after a failure.</summary>
    public void ThrowIfSet()
    {
        if (Volatile.Read(ref _first) is not { } first)
            return;
        if (first is StoreFullException)
            throw new StoreFullException(store, $"nothing more is written after this: {first.Message}", first);
        throw new StoreUnavailableException(store, $"nothing more is written after this: {first.Message}", isTransient: false, first);
    }

    /// <summary>Keeps a failure if it is the first, and gives what to throw.</summary>
    public Exception Set(IOException cause)
    {
        Exception failure = cause is PosixException { Error: Errno.ENOSPC or Errno.EDQUOT }
            ? new StoreFullException(store, cause.Message, cause)
            : new StoreUnavailableException(store, cause.Message, isTransient: false, cause);
        Interlocked.CompareExchange(ref _first, failure, null);
        return failure;
    }
}
