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
    readonly Func<long> _unstored;
    readonly Quota? _quota;
    readonly Func<bool> _tryGiveBack;
    long _left;

    /// <summary>Starts without having asked.</summary>
    /// <param name="store">What blocks go to.</param>
    /// <param name="stateFolder">Where the log lies.</param>
    /// <param name="unstored">How many bytes wait to be stored.</param>
    /// <param name="quota">How much content there may be; null for as much as there is room for.</param>
    /// <param name="tryGiveBack">Gives some room back that is used for what can be done without; false where nothing is.</param>
    public FreeSpace(IStoreCapacity? store, string stateFolder, Func<long> unstored, Quota? quota, Func<bool> tryGiveBack)
    {
        _tryGiveBack = tryGiveBack;
        _quota = quota;
        _store = store;
        StateFolder = stateFolder;
        _unstored = unstored;
    }

    /// <summary>Where the log lies; set where that gets another name.</summary>
    public string StateFolder { get; set; }

    /// <summary>Whether there may be no more than so much content, so that a checkpoint may make room.</summary>
    public bool IsLimited => _quota is not null;

    /// <summary>Counts content that is about to come to a file, whether or not it takes room; false where there may be no more.</summary>
    public bool TryTakeContent(long bytes) => _quota?.TryTake(bytes) ?? true;

    /// <summary>Counts bytes that are about to be written; false where there is no room.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) >= 0)
            return true;
        do
        {
            Interlocked.Exchange(ref _left, Math.Min(AskAgain, Ask()));
            if (Interlocked.Add(ref _left, -bytes) >= 0)
                return true;
        }
        while (_tryGiveBack());
        return false;
    }

    /// <summary>Whether there is room for so many bytes now.</summary>
    public bool Has(long bytes)
    {
        if (_quota is { } quota && bytes > quota.Left)
            return false;
        while (bytes > Ask())
        {
            if (!_tryGiveBack())
                return false;
        }

        return true;
    }

    /// <summary>Whether the disk has room for so many bytes now, whatever the quota says.</summary>
    public bool HasOnDisk(long bytes) => bytes <= Ask();

    /// <summary>The numbers for statfs(2).</summary>
    public StoreCapacity Now()
    {
        var state = PosixFile.Statvfs(StateFolder);
        var (total, free, available) = _store?.GetCapacity() is { } store
            ? (store.TotalBytes, store.FreeBytes, store.AvailableBytes)
            : (state.TotalBytes, state.FreeBytes, state.AvailableBytes);
        var unstored = _unstored();
        available = Math.Max(0, Math.Min(available - unstored, state.AvailableBytes) - Reserve);
        if (_quota is not { } quota)
            return new StoreCapacity(total, Math.Max(free, available), available, 0, 0);
        available = Math.Min(available, quota.Left);
        return new StoreCapacity(quota.Most, quota.Left, available, 0, 0);
    }

    // What is left on the disk, whatever the quota says.
    long Ask()
    {
        var state = PosixFile.Statvfs(StateFolder).AvailableBytes;
        return Math.Max(0, Math.Min((_store?.GetCapacity()?.AvailableBytes ?? state) - _unstored(), state) - Reserve);
    }
}
