using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Files.BackedFiles;
using Vt.Files.Inodes;
using Vt.Files.Journal;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Files.Checkpoints;

/// <summary>
/// Makes checkpoints: every so often, when much has gathered, when somebody asks, and at the end. One at a time; changes go on meanwhile.
/// </summary>
/// <remarks>
/// What becomes durable, and by what: contents and directories by the store's flush; the root, from which a replay starts, by the
/// keeper; only then do the records that led there go. A failure before leaves everything in the log, where it was durable as far as it was
/// acknowledged, and it is tried again with the next checkpoint.
/// </remarks>
sealed class Checkpointer : IAsyncDisposable
{
    static readonly TimeSpan WriteOutInterval = TimeSpan.FromSeconds(1);

    // Where only what is local has changed, the log grows by so much before an epoch ends by itself.
    const long LocalLog = 32 << 20;

    readonly AnsweringStore _store;
    readonly LiveLog _log;
    readonly LiveTree _tree;
    readonly ChangeGate _gate;
    readonly TreeStorer _storer;
    readonly LocalKeeper _locals;
    readonly ICheckpointKeeper _keeper;
    readonly CheckpointOptions _options;
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly SemaphoreSlim _wake = new(0, 1);
    readonly CancellationTokenSource _stop = new();

    // Cancelled at the end, once the store has answered nothing for too long: what is not stored stays in the log.
    readonly CancellationTokenSource _enough = new();
    Task _loop = Task.CompletedTask;
    long _gathered;
    bool _isFailing;
    bool _isHurried;
    long _gatheredLocally; // since the last epoch ended
    long _appended; // when it did
    int _failure; // an Errno that no fsync has been told of
    long _count;
    long _lastTicks;
    long _writtenOut;

    public Checkpointer(AnsweringStore store, LiveLog log, LiveTree tree, ChangeGate gate, TreeStorer storer, LocalKeeper locals, ICheckpointKeeper keeper, CheckpointOptions options)
    {
        _store = store;
        _log = log;
        _tree = tree;
        _gate = gate;
        _storer = storer;
        _locals = locals;
        _keeper = keeper;
        _options = options;
    }

    /// <summary>How many checkpoints were made.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>How long the last one took that had something to store.</summary>
    public TimeSpan LastDuration => TimeSpan.FromTicks(Interlocked.Read(ref _lastTicks));

    /// <summary>Begins to make checkpoints by itself.</summary>
    public void Start() => _loop = RunLoopAsync();

    /// <summary>Something was written.</summary>
    /// <param name="bytes">How many bytes.</param>
    public void Note(long bytes)
    {
        if (Interlocked.Add(ref _gathered, bytes) >= _options.Gathered)
            Wake();
    }

    /// <summary>Of what was written so many bytes are stored already, and nobody holds them any more.</summary>
    public void NoteStored(long bytes)
    {
        long seen;
        do
            seen = Interlocked.Read(ref _gathered);
        while (Interlocked.CompareExchange(ref _gathered, Math.Max(0, seen - bytes), seen) != seen);
        _log.DropUnsynced();
    }

    /// <summary>
    /// Held over the instant of a checkpoint, and by who stores something that the checkpoint should then find stored: otherwise both would cut and hash it.
    /// </summary>
    public SemaphoreSlim Freezing { get; } = new(1, 1);

    /// <summary>Whether the last checkpoint failed.</summary>
    public bool IsFailing => Volatile.Read(ref _isFailing);

    /// <summary>Somebody waits for what has gathered to be stored.</summary>
    public void Hurry()
    {
        Volatile.Write(ref _isHurried, true);
        Wake();
    }

    /// <summary>What went wrong with storing since somebody asked last; OK where nothing did.</summary>
    public Errno TakeFailure() => (Errno)Interlocked.Exchange(ref _failure, 0);

    /// <summary>Makes a checkpoint of everything that was done before the call.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="isRoomShort">Whether it is made for the room that it gives back.</param>
    /// <returns>Whether anything had changed that belongs into a state.</returns>
    public async ValueTask<bool> RunAsync(CancellationToken cancellationToken, bool isRoomShort = false)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!_tree.HasChanges)
            {
                // What is local is not stored, but it is to be as safe as all else.
                if (_tree.HasLocalChanges)
                    await _log.CommitAsync(_log.LastSequence, cancellationToken);
                return false;
            }

            return await CheckpointAsync(isRoomShort, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    async ValueTask<bool> CheckpointAsync(bool isRoomShort, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _gathered, 0);
        Volatile.Write(ref _isHurried, false);
        var started = _options.Clock.GetTimestamp();
        using var frozen = await FreezeAsync(cancellationToken);
        (_gatheredLocally, _appended) = (0, _log.AppendedBytes);
        var isDone = false;
        try
        {
            var root = frozen.IsEmpty ? null : await _storer.StoreAsync(frozen, cancellationToken);
            await _store.FlushAsync(cancellationToken);
            if (frozen.Locals is { } written)
                _locals.Write(written);
            await _keeper.KeepAsync(root, frozen.NextEpoch, new LocalState(_tree.Rules, _locals.Current), cancellationToken);
            isDone = true;
            if (root is not null)
                _tree.Complete(frozen, root);
            if (frozen.Locals is { } kept)
                _locals.Complete(kept);
            _options.Quota?.Complete();
        }
        finally
        {
            if (!isDone)
            {
                _tree.TakeBack(frozen);
                if (frozen.Locals is { } locals)
                    _locals.TakeBack(locals);
            }
        }

        _log.EndEpochsBefore(frozen.NextEpoch, isRoomShort);
        Interlocked.Increment(ref _count);
        Interlocked.Exchange(ref _lastTicks, _options.Clock.GetElapsedTime(started).Ticks);
        Volatile.Write(ref _isFailing, false);
        return !frozen.IsEmpty;
    }

    /// <summary>Lets the tree become another one, with a new epoch. Nobody makes changes meanwhile.</summary>
    /// <param name="root">The other tree, whose blocks are durable in the store.</param>
    /// <param name="keep">Makes it durable that the tree with the changes of the epochs from the given one on is what there is; on failure, that it isn't.</param>
    /// <param name="cancellationToken">Gives up before that.</param>
    /// <returns>What whoever remembers the tree has to forget.</returns>
    /// <exception cref="InvalidOperationException">There are changes all the same.</exception>
    public async ValueTask<List<TreeNotice>> TurnAsync(Dirent root, Func<uint, LocalState, ValueTask> keep, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_tree.HasChanges)
                await CheckpointAsync(isRoomShort: false, cancellationToken);
            await Freezing.WaitAsync(cancellationToken);
            try
            {
                return await TurnAloneAsync(root, keep, cancellationToken);
            }
            finally
            {
                Freezing.Release();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    async ValueTask<List<TreeNotice>> TurnAloneAsync(Dirent root, Func<uint, LocalState, ValueTask> keep, CancellationToken cancellationToken)
    {
        var turn = await _tree.PlanTurnAsync(root, isCounted: _options.Quota is not null, cancellationToken);
        var epoch = _gate.Close(() =>
        {
            if (_tree.HasChanges || _tree.HasLocalChanges)
                throw new InvalidOperationException("changes were made while the tree was to become another");
            return _tree.Epoch = _log.BeginEpoch();
        });
        await keep(epoch, new LocalState(_tree.Rules, null));
        var notices = _tree.Turn(turn);
        _log.EndEpochsBefore(epoch, isRoomShort: false);
        return notices;
    }

    // Whether it is time to end an epoch in which only what is local has changed.
    bool IsLocalDue()
    {
        _gatheredLocally += Interlocked.Exchange(ref _gathered, 0);
        return _tree.HasLocalChanges
            && (Volatile.Read(ref _isHurried) || _stop.IsCancellationRequested || _gatheredLocally >= _options.Gathered || _log.AppendedBytes - _appended >= LocalLog);
    }

    /// <summary>Stores a file's content as it is now.</summary>
    /// <param name="inode">The file.</param>
    /// <param name="file">Its content.</param>
    /// <param name="take">Lets the file have its bytes from the store; under all gates.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The content, durable in the store.</returns>
    public async ValueTask<BlockRef> StoreFileAsync(Inode inode, BackedFile file, StoredTaker take, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (await FreezeFileAsync(file, cancellationToken) is not { } snapshot)
                return file.Backing;
            using (snapshot)
            {
                var job = new StoreJob(snapshot, inode.Name);
                await _storer.StoreContentAsync(job, cancellationToken);
                await _store.FlushAsync(cancellationToken);
                using (_gate.Enter())
                {
                    lock (_tree.Gate)
                    {
                        lock (inode.Gate)
                        {
                            lock (file.Gate)
                            {
                                take(inode, file, snapshot, job.Content, job.HoleSpan);
                            }
                        }
                    }
                }

                return job.Content;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    // Null where it has nothing to store.
    async ValueTask<ContentSnapshot?> FreezeFileAsync(BackedFile file, CancellationToken cancellationToken)
    {
        await Freezing.WaitAsync(cancellationToken);
        try
        {
            lock (file.Gate)
                return file.IsClean ? null : file.Freeze();
        }
        finally
        {
            Freezing.Release();
        }
    }

    /// <summary>Stores a symbolic link's target that is too long to lie in its entry.</summary>
    /// <returns>The content, durable in the store: a record in the log is going to name it.</returns>
    public async ValueTask<BlockRef> StoreTargetAsync(ReadOnlyMemory<byte> target, CancellationToken cancellationToken)
    {
        var content = await _storer.StoreBytesAsync(target, cancellationToken);
        await _store.FlushAsync(cancellationToken);
        return content;
    }

    /// <summary>Stops, and makes a last checkpoint unless nothing is to be kept. A store that answers nothing is not waited for without end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        var ending = EndAsync();
        var answers = -1L;
        while (!ending.IsCompleted && answers != (answers = _store.Answers))
            await AwaitAsync(ending, _options.EndPatience);
        if (!ending.IsCompleted)
            await _enough.CancelAsync();
        await ending;
        _enough.Dispose();
        _stop.Dispose();
        _turn.Dispose();
        Freezing.Dispose();
        _wake.Dispose();
    }

    async Task EndAsync()
    {
        await _loop;
        if (!_options.IsTemporary)
            await TryRunAsync();
    }

    async ValueTask AwaitAsync(Task ending, TimeSpan patience)
    {
        using var over = new CancellationTokenSource();
        await Task.WhenAny(ending, Task.Delay(patience, _options.Clock, over.Token));
        await over.CancelAsync();
    }

    async ValueTask<FrozenTree> FreezeAsync(CancellationToken cancellationToken)
    {
        await Freezing.WaitAsync(cancellationToken);
        try
        {
            return _gate.Close(Freeze);
        }
        finally
        {
            Freezing.Release();
        }
    }

    FrozenTree Freeze()
    {
        _options.Quota?.Freeze();
        var next = _log.BeginEpoch();
        var frozen = _tree.Freeze(next);
        frozen.Locals = _locals.Freeze(next, frozen.IsEmpty ? [] : frozen.Inodes);
        return frozen;
    }

    async Task RunLoopAsync()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            await WaitAsync();
            if (!_stop.IsCancellationRequested)
                await TryRunAsync();
        }
    }

    // Until the interval is over, somebody wakes it, or all ends. What has been done is handed to the kernel every second meanwhile, so that the death of
    // this process alone costs no more than that of what nobody has synced.
    async Task WaitAsync()
    {
        var started = _options.Clock.GetTimestamp();
        while (_options.Interval - _options.Clock.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
        {
            if (await IsWokenAsync(left < WriteOutInterval ? left : WriteOutInterval) || _stop.IsCancellationRequested)
                return;
            TryWriteOut();
            _options.Tick?.Invoke();
        }
    }

    async Task<bool> IsWokenAsync(TimeSpan within)
    {
        try
        {
            using var timer = new CancellationTokenSource(within, _options.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _stop.Token);
            await _wake.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    void TryWriteOut()
    {
        var last = _log.LastSequence;
        if (last == _writtenOut)
            return;
        try
        {
            _log.WriteOut();
            _writtenOut = last;
        }
        catch (PosixException fault)
        {
            Fail(fault.Error, fault);
        }
        catch (IOException fault)
        {
            Fail(Errno.EIO, fault);
        }
    }

    async Task TryRunAsync()
    {
        try
        {
            await _turn.WaitAsync(_enough.Token);
            try
            {
                if (_tree.HasChanges || IsLocalDue())
                    await CheckpointAsync(isRoomShort: IsFailing, _enough.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (StoreFullException fault)
        {
            Fail(Errno.ENOSPC, fault);
        }
        catch (OperationCanceledException) when (_enough.IsCancellationRequested)
        {
            Fail(Errno.EIO, new StoreUnavailableException(_store.Description, $"it has answered nothing for {_options.EndPatience.TotalSeconds:0} seconds", isTransient: true));
        }
        catch (PosixException fault)
        {
            Fail(fault.Error, fault);
        }
        catch (Exception fault) when (fault is IOException or StoreUnavailableException or BlockMissingException or BlockCorruptException or FormatInvalidException or UserErrorException)
        {
            Fail(Errno.EIO, fault);
        }
    }

    void Fail(Errno error, Exception fault)
    {
        Interlocked.Exchange(ref _failure, (int)error);
        Volatile.Write(ref _isFailing, true);
        _options.Log?.Invoke($"what has changed can't be stored and stays in the log: {fault.Message}");
    }

    void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else did.
        }
    }
}
