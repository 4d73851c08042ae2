using System.Collections.Concurrent;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.Chains;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Adding;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Reading;

namespace Vt.Stores.Cache;

/// <summary>
/// A folder of blocks that any number of processes share: what was read from a store and may go at any time, and what is queued to be sent to it. Thread-safe.
/// </summary>
sealed partial class CacheFolder : IDisposable
{
    readonly CacheFiles _files;
    readonly CacheOptions _options;
    readonly CacheTable _table;
    readonly PackFiles _packs;
    readonly FrameLoader _loader;
    readonly FrameCache _frames;
    readonly CacheSegments _segments;
    readonly ConcurrentBag<FrameEncoder> _encoders = [];
    readonly FileDescriptor _lock;
    readonly ulong _prefix;

    // Held, with the file's lock for other processes, while the table, a segment or the state changes.
    readonly Lock _gate = new();

    // Guards the set below: blocks that a batch of this process is about to queue.
    readonly Lock _pendingGate = new();
    readonly HashSet<BlockHash> _pending = [];
    readonly Pulse _pendingEnded = new();
    ulong _seenRemovals;

    CacheFolder(CacheFiles files, StoreIdentity identity, CacheOptions options, CancellationToken cancellationToken)
    {
        _files = files;
        _options = options;
        Directory.CreateDirectory(files.Root);
        _lock = CacheFiles.OpenLock(files.Lock);
        Locks.Flock(_lock, LockKind.Exclusive, wait: true);
        try
        {
            Config = files.Make(identity);
            _table = files.OpenTable(options.MostBytes);
            _packs = new PackFiles(files.Layout);
            _loader = new FrameLoader(_packs);
            _frames = new FrameCache(_loader, options.MemoryBytes);
            _segments = new CacheSegments(files, Config, options, _table, _packs, _loader);
            _prefix = CacheFiles.PrefixOf(Config);
            Hasher = HashAlgorithms.GetHasher(Config.Hash);
            // Where it can't be told, every opening goes through what waits to be sent.
            var boot = MachineStart.Read();
            if (boot == 0 || State.Boot != boot)
            {
                _segments.Recover(cancellationToken);
                State.Boot = boot;
                State.Moves = new MoveLog(files, _segments.QueueDisk, options.Time).Read().Count;
            }

            Bind(identity);
            _seenRemovals = State.Removals;
        }
        finally
        {
            Locks.FlockRelease(_lock);
        }
    }

    /// <summary>The folder.</summary>
    public string Root => _files.Root;

    /// <summary>Its files.</summary>
    public CacheFiles Files => _files;

    /// <summary>What it was made for.</summary>
    public DataDirConfig Config { get; }

    /// <summary>Names blocks.</summary>
    public BlockHasher Hasher { get; }

    /// <summary>What all processes share.</summary>
    public CacheState State => _table.State;

    /// <summary>What the table takes, in bytes.</summary>
    public long TableBytes => _table.Length;

    /// <summary>What the memory in front of the folder has been good for.</summary>
    public CacheFigures MemoryFigures => _frames.Figures;

    /// <summary>What the folder has been good for, by all processes.</summary>
    public CacheFigures Figures => new($"blocks in {Root}", State.Hits, State.Misses, _segments.Measure().Bytes);

    /// <summary>Opens a folder, making it where there is none.</summary>
    /// <param name="path">The folder, absolute.</param>
    /// <param name="identity">What the store behind names blocks by.</param>
    /// <param name="options">How it works.</param>
    /// <param name="cancellationToken">Stops the search for what is queued, after the machine was started anew.</param>
    /// <exception cref="UserErrorException">It is the cache of another store.</exception>
    /// <exception cref="StoreUnavailableException">It can't be used.</exception>
    public static CacheFolder Open(string path, StoreIdentity identity, CacheOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return new CacheFolder(new CacheFiles(path), identity, options, cancellationToken);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"cache {path}", FileFault.TextOf(failed), isTransient: false, failed);
        }
    }

    /// <summary>Does something under the lock of the folder: one thread of one process at a time. No waiting inside.</summary>
    public T Locked<T>(Func<CacheSegments, T> change)
    {
        lock (_gate)
        {
            Locks.Flock(_lock, LockKind.Exclusive, wait: true);
            try
            {
                return change(_segments);
            }
            finally
            {
                Locks.FlockRelease(_lock);
            }
        }
    }

    /// <summary>Whether so many blocks wait to be sent that the table could soon not find more of them.</summary>
    public bool IsTableFull => State.LagBlocks > _table.Room / 2;

    /// <summary>Whether a block waits to be sent, and is sound as far as is known.</summary>
    public bool IsQueued(in BlockHash hash) => Find(hash, out var entry) && IsUnsent(entry) && !entry.IsDamaged;

    /// <summary>Reads a block.</summary>
    /// <param name="hash">Its name.</param>
    /// <param name="damage">What is wrong with it, where it waits to be sent and is damaged; null otherwise.</param>
    /// <param name="lease">The block.</param>
    /// <returns>Whether it is there, sound.</returns>
    public bool TryRead(in BlockHash hash, out BlockLease lease, out BlockCorruptException? damage)
    {
        lease = default;
        damage = null;
        if (!Find(hash, out var entry))
            return false;
        var fault = entry.IsDamaged ? "it was noted as damaged" : Load(hash, entry, out lease);
        if (fault is null)
        {
            _table.NoteUse(hash, entry);
            return true;
        }

        if (IsUnsent(entry))
        {
            damage = new BlockCorruptException(hash, $"{_files.Layout.OpenPack(CacheFiles.IdOf(_prefix, entry.Segment))} at {entry.Offset}", fault);
            _table.NoteDamage(hash, entry);
        }
        else
        {
            _table.Drop(hash, entry);
        }

        return false;
    }

    /// <summary>Notes that a block that waits to be sent is damaged, so that it is queued again when somebody offers it.</summary>
    /// <param name="hash">The block.</param>
    /// <param name="start">The position from which on it is damaged.</param>
    /// <param name="end">Where the damage ends.</param>
    /// <returns>Whether it was queued again behind that.</returns>
    public bool NoteDamage(in BlockHash hash, ulong start, ulong end)
    {
        if (!Find(hash, out var entry))
            return false;
        if (entry.Position >= start && entry.Position < end)
            _table.NoteDamage(hash, entry);
        return entry.Position >= end && IsUnsent(entry) && !entry.IsDamaged;
    }

    /// <summary>Makes durable what was queued before.</summary>
    public void SyncQueue()
    {
        _segments.QueueDisk.Failure.ThrowIfSet();
        var (end, synced) = Locked(_ => (State.QueueEnd, State.Synced));
        if (end <= synced)
            return;

        // Not under the lock: others go on meanwhile.
        _segments.Sync(synced, end);
        Locked(_ => State.Synced = Math.Max(State.Synced, end));
    }

    /// <summary>The movements of references that wait.</summary>
    public List<QueuedMove> ReadMoves(MoveLog moves) => Locked(_ =>
    {
        var waiting = moves.Read();
        State.Moves = waiting.Count;
        return waiting;
    });

    /// <summary>How far what is queued has been sent.</summary>
    public StoreLag Lag(string? lastError)
    {
        var since = State.LagSince;
        return new StoreLag(
            State.LagBytes, State.LagBlocks, State.Moves, since == 0 ? null : new DateTimeOffset(since, TimeSpan.Zero), State.Conflicts, lastError);
    }

    /// <summary>Removes what is kept, and what is queued too where that is said.</summary>
    public void Clear(bool withQueue) => Locked(segments =>
    {
        segments.Clear(withQueue);
        if (withQueue)
        {
            PosixFile.TryUnlink(_files.Moves);
            (State.Moves, State.Conflicts) = (0, 0);
            State.MoveVersion++;
        }

        if (State.LagBytes == 0)
            _table.Clear();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _frames.Dispose();
        _loader.Dispose();
        _packs.Dispose();
        _segments.Dispose();
        while (_encoders.TryTake(out var encoder))
            encoder.Dispose();
        _table.Dispose();
        _lock.Dispose();
    }

    bool IsUnsent(in CacheEntry entry) => entry.IsQueued && entry.Position >= State.Sent;

    bool Find(in BlockHash hash, out CacheEntry entry)
    {
        entry = default;
        if (hash.Algorithm != Config.Hash)
            return false;
        if (State.Removals != Volatile.Read(ref _seenRemovals))
            LetGo();
        return _table.TryFind(hash, out entry);
    }

    // Files that another process removed take room as long as this one has them open.
    void LetGo()
    {
        Volatile.Write(ref _seenRemovals, State.Removals);
        _packs.ForgetAll(pack => !File.Exists(_files.Layout.ClosedPack(pack)) && !File.Exists(_files.Layout.OpenPack(pack)));
    }

    /// <summary>Reads what an entry says.</summary>
    /// <returns>What is wrong; null where nothing is.</returns>
    string? Load(in BlockHash hash, in CacheEntry entry, out BlockLease lease)
    {
        lease = default;
        CachedFrame frame;
        try
        {
            var location = BlockLocation.At(entry.Segment, entry.Offset, entry.Length, entry.Ordinal);
            var loading = _frames.GetAsync(CacheFiles.IdOf(_prefix, entry.Segment), location, entry.Ordinal, CancellationToken.None);

            // Another thread reads the same frame: it does so now, and waits for nobody.
            frame = loading.IsCompletedSuccessfully ? loading.Result : loading.AsTask().GetAwaiter().GetResult();
        }
        catch (Exception fault) when (fault is FormatInvalidException or IOException or ArgumentOutOfRangeException)
        {
            return fault.Message;
        }

        if (!frame.IsOf(entry.Ordinal, hash))
        {
            frame.Release();
            return "another block lies there";
        }

        var bytes = frame.Memory(entry.Ordinal);
        if (!frame.IsVerified(entry.Ordinal))
        {
            var name = Hasher.Hash(bytes.Span);
            if (name != hash)
            {
                frame.Release();
                return $"its bytes hash to {name}";
            }

            frame.SetVerified(entry.Ordinal);
        }

        lease = new BlockLease(bytes, frame);
        return null;
    }

    /// <summary>Sees to it that what is queued for one store is never sent to another.</summary>
    void Bind(StoreIdentity identity)
    {
        if (Config.Hash != identity.Hasher.Algorithm)
        {
            throw new UserErrorException(
                $"{Root} caches blocks of {HashAlgorithms.NameOf(Config.Hash)} hashes and the store behind has {HashAlgorithms.NameOf(identity.Hasher.Algorithm)}: name another folder");
        }

        var behind = _files.ReadBehind();
        if (behind == _options.BackingName)
            return;
        if (behind is not null && (State.LagBytes > 0 || MoveLog.IsWaiting(_files)))
            throw new UserErrorException($"{Root} has something to send to {behind}, not to {_options.BackingName}: send it with vt cache flush, or name another folder");
        if (Directory.Exists(_files.Known))
            Directory.Delete(_files.Known, recursive: true);
        _files.WriteBehind(_options.BackingName);
    }
}
