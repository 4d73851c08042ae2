using System.Collections.Concurrent;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Files.BackedFiles;
using Vt.Files.Inodes;

namespace Vt.Files.Checkpoints;

/// <summary>
/// Stores what is written from start to end while it is written: a stretch at a time is cut, hashed, stored and flushed, and the log's bulk files of it
/// go before the kernel has written them to the disk. So a large new file is written once, and its checkpoint has nearly nothing left to do.
/// What a checkpoint has frozen is left to it, and it freezes between two stretches: nothing is cut and hashed by both.
/// </summary>
/// <remarks>
/// A stretch's blocks are durable before the record that says so, and that record is in the log before the file lets go of the bytes there. A failure is of no
/// consequence: the bytes stay where they are, and a checkpoint meets and tells the same one.
/// </remarks>
sealed class EarlyStorer : IAsyncDisposable
{
    /// <summary>So much has to wait of a file for a stretch of it to be stored.</summary>
    public const long Least = 16 << 20;

    /// <summary>So much is stored at once, so that the disk has work while the next stretch is written.</summary>
    const long Most = 64 << 20;

    readonly IBlockStore _store;
    readonly LiveTree _tree;
    readonly ChangeGate _gate;
    readonly Checkpointer _checkpointer;
    readonly ContentStorer _contents;
    readonly StoredTaker _take;
    readonly ConcurrentDictionary<Inode, bool> _waiting = new();
    readonly SemaphoreSlim _wake = new(0);
    readonly CancellationTokenSource _stop = new();
    readonly Task _loop;
    bool _isStoring;

    /// <summary>Begins.</summary>
    /// <param name="store">Where blocks go.</param>
    /// <param name="tree">The tree.</param>
    /// <param name="gate">The gate of changes.</param>
    /// <param name="checkpointer">Does not freeze while a stretch is stored.</param>
    /// <param name="contents">Cuts, hashes and stores; disposed with this.</param>
    /// <param name="take">Lets a file have its bytes from the store; under all gates.</param>
    public EarlyStorer(IBlockStore store, LiveTree tree, ChangeGate gate, Checkpointer checkpointer, ContentStorer contents, StoredTaker take)
    {
        _store = store;
        _tree = tree;
        _gate = gate;
        _checkpointer = checkpointer;
        _contents = contents;
        _take = take;
        _loop = RunAsync();
    }

    /// <summary>How many bytes were stored early.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>Whether something is being stored that was written, or is about to be.</summary>
    public bool IsAtWork => Volatile.Read(ref _isStoring) || !_waiting.IsEmpty;

    /// <summary>Much was written to a file.</summary>
    public void Note(Inode inode, BackedFile file)
    {
        if (file.FrontBytes >= Least && _waiting.TryAdd(inode, true))
            _wake.Release();
    }

    /// <summary>
    /// Stores what waits of a file's beginning, for who is about to make it durable: that writes it once, not twice. Where that fails the bytes are
    /// in the log as ever.
    /// </summary>
    public async ValueTask TryStoreAsync(Inode inode, CancellationToken cancellationToken)
    {
        try
        {
            await StoreAsync(inode, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or StoreFullException or StoreUnavailableException or BlockMissingException or BlockCorruptException
            or FormatInvalidException)
        {
            // The checkpoint will meet it as well, and tell.
        }
    }

    async ValueTask StoreAsync(Inode inode, CancellationToken cancellationToken)
    {
        if (inode.File is not { } file)
            return;
        bool isMore;
        do
        {
            await _checkpointer.Freezing.WaitAsync(cancellationToken);
            try
            {
                isMore = await StoreStretchAsync(inode, file, cancellationToken);
            }
            finally
            {
                _checkpointer.Freezing.Release();
            }
        }
        while (isMore);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _contents.DisposeAsync();
        _stop.Dispose();
        _wake.Dispose();
    }

    async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await _wake.WaitAsync(_stop.Token);
                Volatile.Write(ref _isStoring, true);
                try
                {
                    foreach (var inode in _waiting.Keys)
                    {
                        _waiting.TryRemove(inode, out _);
                        await TryStoreAsync(inode, _stop.Token);
                    }
                }
                finally
                {
                    Volatile.Write(ref _isStoring, false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    async ValueTask<bool> StoreStretchAsync(Inode inode, BackedFile file, CancellationToken cancellationToken)
    {
        ContentSnapshot snapshot;
        lock (file.Gate)
        {
            if (inode.IsOrphan || inode.IsLocal || !file.TryTakeSequential(Least, out var offset, out var length))
                return false;
            snapshot = file.Freeze(offset, Math.Min(length, Most));
        }

        using (snapshot)
        {
            var stored = await _contents.AppendAsync(snapshot.Before?.Content ?? BlockRef.Empty, snapshot, inode.Name, cancellationToken: cancellationToken);
            await _store.FlushAsync(cancellationToken);
            using (_gate.Enter())
            {
                lock (_tree.Gate)
                {
                    lock (inode.Gate)
                    {
                        lock (file.Gate)
                        {
                            _take(inode, file, snapshot, stored, null);
                        }
                    }
                }
            }

            StoredBytes += snapshot.Length;
        }

        _checkpointer.NoteStored(snapshot.Length);
        return true;
    }
}
