using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Chains;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.Proxy;

namespace Vt.Stores.Cache;

/// <summary>
/// A folder in front of another store: it keeps what was read, bounded by bytes, for every process and the next start, and gives it while the store behind is out of
/// reach. With <see cref="CacheOptions.IsWriteback"/> it also takes what is added, durably, and sends it on in the background. doc/design/011-chains.md has the reasons.
/// </summary>
/// <remarks>
/// Thread-safe. Presence is only ever the store behind's word, and of what waits to be sent this one's: a copy that was kept proves nothing about where blocks are
/// kept. What is damaged here is fetched again.
/// </remarks>
public sealed partial class CacheStore : IBlockStore, IBlockEnumeration, IRefStore, IStoreCapacity, IDamageNotes, ICached, IStoreLag
{
    static readonly TimeSpan _look = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan _turn = TimeSpan.FromMilliseconds(5);

    readonly CacheFolder _folder;
    readonly ProxyMember _backing;
    readonly CacheOptions _options;
    readonly MoveLog _moves;
    readonly KnownRefs _known;
    readonly QueueSender _sender;
    readonly SemaphoreSlim _moving = new(1);
    readonly CancellationTokenSource _stopped = new();
    readonly Task _sending;
    int _isDisposed;

    // How often the queue was said to have blocks, and how many of these times a flush has seen to it that they were sent.
    long _queueOwed;
    long _queueSettled;

    /// <summary>Puts a folder in front of a store.</summary>
    /// <param name="path">The folder, absolute; made where there is none.</param>
    /// <param name="backing">The store behind; becomes this one's, and is disposed with it.</param>
    /// <param name="options">How it works; the defaults when null.</param>
    /// <param name="cancellationToken">Stops the search for what is queued, after the machine was started anew.</param>
    /// <exception cref="UserErrorException">The folder is the cache of another store.</exception>
    /// <exception cref="StoreUnavailableException">The folder can't be used, or nothing is known of the store behind and it can't be reached.</exception>
    public CacheStore(string path, IBlockStore backing, CacheOptions? options = null, CancellationToken cancellationToken = default)
    {
        _options = options ?? new CacheOptions();
        var identity = IdentityOf(path, backing);
        _folder = CacheFolder.Open(path, identity, _options, cancellationToken);
        _backing = new ProxyMember(
            backing, 0, new ProxyOptions { Time = _options.Time, FirstPause = _options.FirstPause, LongestPause = _options.LongestPause });
        (Hasher, Chunking) = identity;
        Description = $"cache {path} of {backing.Description}";
        _moves = new MoveLog(_folder.Files, new DiskWriter(_options.Boundary ?? WriteBoundary.FromEnvironment(), new WriteFailure(Description)), _options.Time);
        _known = new KnownRefs(_folder.Files.Known);
        _sender = new QueueSender(_folder, backing, _moves, _known, _options);
        _sending = _options.IsWriteback ? Task.Run(SendAlwaysAsync, CancellationToken.None) : Task.CompletedTask;
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking { get; }

    /// <summary>
    /// Whether the store behind is complete: presence is its word. What waits to be sent is sent in the order in which it came, so that a tree that is here has what it
    /// refers to here too, or there.
    /// </summary>
    public bool IsComplete => Backing.IsComplete;

    /// <inheritdoc/>
    public bool IsDistant => !_options.IsWriteback && Backing.IsDistant;

    /// <inheritdoc/>
    public bool HasDamage => Backing is IDamageNotes { HasDamage: true };

    IBlockStore Backing => _backing.Store;

    /// <summary>What a folder that is a cache already was made for, and the name of the store that it stands before; null where there is none.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="UserErrorException">It is damaged.</exception>
    public static (HashAlgorithmId Hash, string? Behind)? Describe(string path)
    {
        var files = new CacheFiles(path);
        return files.ReadConfig() is { } config ? (config.Hash, files.ReadBehind()) : null;
    }

    /// <summary>Whether nothing can wait in a folder to be sent: it is not there, or has neither an open segment nor a movement.</summary>
    /// <param name="path">The folder.</param>
    public static bool IsEmpty(string path) => new CacheFiles(path).IsEmpty();

    /// <inheritdoc/>
    public async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var open = new List<int>();
        for (var i = 0; i < hashes.Length; i++)
        {
            present.Span[i] = _folder.IsQueued(hashes.Span[i]);
            if (!present.Span[i])
                open.Add(i);
        }

        if (open.Count < hashes.Length)
            Interlocked.Increment(ref _queueOwed);
        if (open.Count == 0)
            return;
        var asked = open.ConvertAll(i => hashes.Span[i]).ToArray();
        var answers = new bool[asked.Length];
        await AskAsync(asked, answers, AskBehindAsync, cancellationToken);
        for (var i = 0; i < answers.Length; i++)
        {
            var isQueued = !answers[i] && _folder.IsQueued(asked[i]);
            if (isQueued)
                Interlocked.Increment(ref _queueOwed);
            present.Span[open[i]] = answers[i] || isQueued;
        }
    }

    // What is written back is flushed here, while the store behind may be out of reach: so what that says to have has to be durable there and then.
    async ValueTask AskBehindAsync(IBlockStore store, ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken)
    {
        await store.ContainsManyAsync(hashes, present, cancellationToken);
        if (_options.IsWriteback && present.Span.Contains(true))
            await store.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<BlockLease>(cancellationToken);
        if (_folder.TryRead(hash, out var lease, out var damage))
        {
            _folder.State.NoteReads(1, 0);
            return new ValueTask<BlockLease>(lease);
        }

        _folder.State.NoteReads(0, 1);
        return FetchAsync(hash, damage, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        blocks.Span[..hashes.Length].Clear();
        try
        {
            var open = new List<int>();
            Dictionary<int, BlockCorruptException>? damages = null;
            for (var i = 0; i < hashes.Length; i++)
            {
                if (_folder.TryRead(hashes.Span[i], out var lease, out var damage))
                    blocks.Span[i] = lease;
                else
                    open.Add(i);
                if (damage is not null)
                    (damages ??= [])[i] = damage;
            }

            _folder.State.NoteReads(hashes.Length - open.Count, open.Count);
            if (open.Count > 0)
                await FetchManyAsync(hashes, blocks, open, damages, cancellationToken);
        }
        catch
        {
            foreach (var lease in blocks.Span[..hashes.Length])
                lease.Dispose();
            blocks.Span[..hashes.Length].Clear();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A name is of another algorithm, or a block is longer than any may be or outside the buffer.</exception>
    public async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BlockBatch.Check(buffer.Length, blocks.Span, Hasher.Algorithm);
        if (!_options.IsWriteback)
        {
            await SendBeforeAsync(cancellationToken);
            var counts = await Backing.AddManyAsync(buffer, blocks, cancellationToken);

            // Trees are read again soon, data seldom.
            var trees = Array.FindAll(blocks.ToArray(), static slot => slot.Content == BlockContent.Tree);
            if (trees.Length > 0)
                _folder.Keep(buffer.Span, trees);
            return counts;
        }

        var bytes = 0L;
        foreach (ref readonly var slot in blocks.Span)
            bytes += slot.Length;
        await WaitForRoomAsync(bytes, cancellationToken);
        try
        {
            return await _folder.QueueAsync(buffer, blocks, cancellationToken);
        }
        catch (IOException failed)
        {
            throw new StoreUnavailableException(Description, failed.Message, isTransient: true, failed);
        }
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_options.IsWriteback)
        {
            await FlushBehindAsync(cancellationToken);
            return;
        }

        try
        {
            _folder.SyncQueue();
        }
        catch (IOException failed)
        {
            throw new StoreUnavailableException(Description, failed.Message, isTransient: true, failed);
        }
    }

    /// <inheritdoc/>
    public StoreCapacity? GetCapacity() => (Backing as IStoreCapacity)?.GetCapacity() is { } behind
        ? behind with { StoredBytes = behind.StoredBytes + _folder.State.LagBytes, Blocks = behind.Blocks + _folder.State.LagBlocks }
        : null;

    /// <inheritdoc/>
    public IEnumerable<CacheFigures> ReadCaches() => [_folder.Figures, _folder.MemoryFigures, .. (Backing as ICached)?.ReadCaches() ?? []];

    /// <inheritdoc/>
    public async ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default) =>
        Backing is IDamageNotes notes && await notes.NoteDamageAsync(hash, cancellationToken);

    /// <summary>Drops what is kept. What waits to be sent stays.</summary>
    public void Clear() => _folder.Clear(withQueue: false);

    /// <summary>
    /// Closes the folder and the store behind. What waits to be sent is given some time, as long as it gets on; the rest is sent by whoever opens the folder next. All
    /// leases must have been given back.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        if (_options.IsWriteback)
            await LingerAsync();
        await _stopped.CancelAsync();
        await _sending;
        _sender.Dispose();
        _moving.Dispose();
        await Backing.DisposeAsync();
        _folder.Dispose();
        _stopped.Dispose();
    }

    // Blocks that are queued by another process and said to be there have to be where they are kept first, for whoever lets a reference there lead to them.
    async ValueTask FlushBehindAsync(CancellationToken cancellationToken)
    {
        var owed = Interlocked.Read(ref _queueOwed);
        if (owed != Interlocked.Read(ref _queueSettled))
        {
            await SendBeforeAsync(cancellationToken);
            Interlocked.Exchange(ref _queueSettled, owed);
        }

        await Backing.FlushAsync(cancellationToken);
    }

    static StoreIdentity IdentityOf(string path, IBlockStore backing)
    {
        if (backing is not LateStore late)
            return new StoreIdentity(backing.Hasher, backing.Chunking);
        return late.Identity ?? new CacheFiles(path).ReadIdentity() ?? new StoreIdentity(backing.Hasher, backing.Chunking);
    }

    async ValueTask<BlockLease> FetchAsync(BlockHash hash, BlockCorruptException? damage, CancellationToken cancellationToken)
    {
        var lease = new BlockLease[1];
        await FetchManyAsync(new[] { hash }, lease, [0], damage is null ? null : new Dictionary<int, BlockCorruptException> { [0] = damage }, cancellationToken);
        return lease[0];
    }

    /// <summary>Reads from the store behind, and keeps what came.</summary>
    async ValueTask FetchManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, List<int> open, Dictionary<int, BlockCorruptException>? damages, CancellationToken cancellationToken)
    {
        var asked = open.ConvertAll(i => hashes.Span[i]).ToArray();
        var got = new BlockLease[asked.Length];
        try
        {
            if (asked.Length == 1)
                await AskAsync(asked, got, GetOneAsync, cancellationToken);
            else
                await AskAsync(asked, got, static (store, a, b, token) => store.GetManyAsync(a, b, token), cancellationToken);
        }
        catch (Exception) when (damages is { Count: > 0 } && !cancellationToken.IsCancellationRequested)
        {
            // What waits here damaged is the fault to report: the store behind was only asked in case it has it too.
            throw damages.Values.First();
        }

        var isSound = true;
        for (var k = 0; k < got.Length; k++)
        {
            blocks.Span[open[k]] = got[k];
            isSound &= !got[k].IsPresent || LeaseCheck.FaultOf(Hasher, Backing, asked[k], got[k]) is null;
        }

        for (var k = 0; k < got.Length; k++)
        {
            if (got[k].IsPresent)
            {
                if (!isSound && LeaseCheck.FaultOf(Hasher, Backing, asked[k], got[k]) is { } fault)
                    throw fault;
                continue;
            }

            if (damages?.TryGetValue(open[k], out var damage) == true)
                throw damage;

            // It may have been queued while the store behind was asked, by another process.
            if (_folder.TryRead(asked[k], out var late, out _))
                blocks.Span[open[k]] = late;
        }

        Keep(asked, got);
    }

    static async ValueTask GetOneAsync(IBlockStore store, ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken)
    {
        var lease = await store.GetAsync(hashes.Span[0], cancellationToken);
        blocks.Span[0] = lease;
    }

    void Keep(BlockHash[] hashes, BlockLease[] leases)
    {
        var length = 0;
        foreach (var lease in leases)
            length += lease.Memory.Length;
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            var slots = new List<BlockSlot>(leases.Length);
            var at = 0;
            for (var i = 0; i < leases.Length; i++)
            {
                if (!leases[i].IsPresent)
                    continue;
                leases[i].Span.CopyTo(buffer.AsSpan(at));
                slots.Add(new BlockSlot(hashes[i], at, leases[i].Memory.Length));
                at += leases[i].Memory.Length;
            }

            if (slots.Count > 0)
                _folder.Keep(buffer.AsSpan(0, at), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(slots));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Asks the store behind, unless it has failed lately.</summary>
    async ValueTask AskAsync<T>(
        BlockHash[] hashes, T[] answers, Func<IBlockStore, ReadOnlyMemory<BlockHash>, Memory<T>, CancellationToken, ValueTask> ask, CancellationToken cancellationToken)
    {
        if (!_backing.TryEnter())
            throw _backing.WhyPaused();
        try
        {
            await ask(Backing, hashes, answers, cancellationToken);
            _backing.Succeeded(null);
        }
        catch (Exception fault) when (ProxyMember.IsOutage(fault))
        {
            _backing.Failed(fault);
            throw;
        }
        catch
        {
            _backing.Abandoned();
            throw;
        }
    }
}
