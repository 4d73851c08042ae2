using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Files;

/// <summary>
/// Knows how much may still be written: no more than the store and the state folder have room for, less a reserve for what checkpoints
/// need. So a full disk is ENOSPC for who writes, not a failure to store what was acknowledged. Safe from any thread.
/// </summary>
sealed class FreeSpace
{
    /// <summary>What stays free for directories, indexes and the log's own files.</summary>
    const long Reserve = 64 << 20;

    // The disk is asked again when this much was written, or when there is little left.
    const long AskAgain = 64 << 20;

    readonly IStoreCapacity? _store;
    readonly string _stateFolder;
    readonly Func<long> _unstored;
    long _left;

    /// <summary>Starts without having asked.</summary>
    /// <param name="store">What blocks go to.</param>
    /// <param name="stateFolder">Where the log lies.</param>
    /// <param name="unstored">How many bytes wait to be stored.</param>
    public FreeSpace(IStoreCapacity? store, string stateFolder, Func<long> unstored)
    {
        _store = store;
        _stateFolder = stateFolder;
        _unstored = unstored;
    }

    /// <summary>Counts bytes that are about to be written; false where there is no room.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) >= 0)
            return true;
        Interlocked.Exchange(ref _left, Math.Min(AskAgain, Ask()));
        return Interlocked.Add(ref _left, -bytes) >= 0;
    }

    /// <summary>Whether there is room for so many bytes now.</summary>
    public bool Has(long bytes) => bytes <= Ask();

    /// <summary>The numbers for statfs(2).</summary>
    public StoreCapacity Now()
    {
        var state = PosixFile.Statvfs(_stateFolder);
        var (total, free, available) = _store?.GetCapacity() is { } store
            ? (store.TotalBytes, store.FreeBytes, store.AvailableBytes)
            : (state.TotalBytes, state.FreeBytes, state.AvailableBytes);
        var unstored = _unstored();
        available = Math.Max(0, Math.Min(available - unstored, state.AvailableBytes) - Reserve);
        return new StoreCapacity(total, Math.Max(free, available), available, 0, 0);
    }

    long Ask() => Now().AvailableBytes;
}
