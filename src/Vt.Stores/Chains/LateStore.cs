using System.Runtime.CompilerServices;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Chains;

/// <summary>
/// A store as part of a chain: it is opened when it is first needed, so that a chain can start while a part of it is out of reach, and opened anew once it has
/// refused to write. Several parts of a chain may share it; the last one to dispose it closes it. Thread-safe.
/// </summary>
/// <remarks>
/// 1. A store that could not be opened is left alone for a while, longer each time. 2. Blocks that were added, or said to be there, and not flushed when an opening had to be
/// given up may be lost: no flush succeeds before they are found in the next one, there all the same or added again. See <see cref="OwedBlocks"/>.
/// </remarks>
/// <param name="description">What the store is called while it is closed.</param>
/// <param name="open">Opens it.</param>
/// <param name="time">The clock of pauses.</param>
sealed class LateStore(string description, Func<CancellationToken, Task<IBlockStore>> open, TimeProvider time)
    : IBlockStore, IBlockEnumeration, IRefStore, IStoreCapacity, IDamageNotes, ICached, IPartialStore, IStoreLag
{
    static readonly TimeSpan _shortestPause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    // Held while the store is opened, and when the fields below change.
    readonly SemaphoreSlim _opening = new(1);
    StoreHandle? _current;
    Exception? _whyClosed;
    readonly OwedBlocks _owed = new();

    // Held while an opening is given up, and when it is asked which one is current by who must not miss that.
    readonly Lock _retireGate = new();
    TimeSpan _pause;
    long _closedAt;
    int _owners = 1;
    bool _isDisposed;

    /// <inheritdoc/>
    public string Description => Volatile.Read(ref _current)?.Store.Description ?? description;

    /// <summary>The hasher and the chunking, once they are known.</summary>
    public StoreIdentity? Identity { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store was never open, so that it is not known.</exception>
    public BlockHasher Hasher => Known.Hasher;

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store was never open, so that it is not known.</exception>
    public ChunkingParameters Chunking => Known.Chunking;

    /// <inheritdoc/>
    public bool IsComplete => Volatile.Read(ref _current)?.Store.IsComplete == true;

    /// <inheritdoc/>
    public bool IsDistant => Volatile.Read(ref _current)?.Store.IsDistant == true;

    /// <inheritdoc/>
    public bool HasDamage => Volatile.Read(ref _current)?.Store is IDamageNotes { HasDamage: true };

    StoreIdentity Known => Identity ?? throw Closed(_whyClosed);

    /// <summary>One more part of the chain has the store, and disposes it.</summary>
    public LateStore Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <summary>Opens the store if it is not.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    /// <exception cref="StoreUnavailableException">It can't be opened.</exception>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (await AcquireAsync(cancellationToken)).ReleaseAsync();
        }
        catch (StoreUnavailableException closed) when (closed.InnerException is UserErrorException or FormatInvalidException)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(closed.InnerException);
        }
    }

    /// <inheritdoc/>
    public async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            await handle.Store.ContainsManyAsync(hashes, present, cancellationToken);
            Note(handle, PresentOf(hashes.Span, present.Span));
            if (_owed.IsHalfFull)
                await FlushForRoomAsync(handle, cancellationToken);
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            return await handle.Store.GetAsync(hash, cancellationToken);
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            await handle.Store.GetManyAsync(hashes, blocks, cancellationToken);
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            var counts = await handle.Store.AddManyAsync(buffer, blocks, cancellationToken);
            Note(handle, NamesOf(blocks.Span));
            return counts;
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            await RetireAsync(handle, refused);
            throw;
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var handle = TryAcquireCurrent();
        var doubted = _owed.Doubted();
        if (handle is null && doubted.Length == 0)
            return;
        handle ??= await AcquireAsync(cancellationToken);
        try
        {
            await RequireAsync(handle.Store, doubted, cancellationToken);
            var flush = _owed.BeginFlush();
            await handle.Store.FlushAsync(cancellationToken);
            _owed.EndFlush(flush);
            _owed.Clear(doubted);
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            await RetireAsync(handle, refused);
            throw;
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            await foreach (var hash in Capability<IBlockEnumeration>(handle).EnumerateAsync(after, cancellationToken))
                yield return hash;
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            return await Capability<IRefStore>(handle).ReadAsync(name, cancellationToken);
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            await foreach (var name in Capability<IRefStore>(handle).ListAsync(prefix, cancellationToken))
                yield return name;
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryMoveAsync(
        string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            return await Capability<IRefStore>(handle).TryMoveAsync(name, expected, value, note, cancellationToken);
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            await RetireAsync(handle, refused);
            throw;
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RefMovement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            await foreach (var movement in Capability<IRefStore>(handle).ReadLogAsync(name, cancellationToken))
                yield return movement;
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public StoreCapacity? GetCapacity() => (Volatile.Read(ref _current)?.Store as IStoreCapacity)?.GetCapacity();

    /// <inheritdoc/>
    public IEnumerable<CacheFigures> ReadCaches() => (Volatile.Read(ref _current)?.Store as ICached)?.ReadCaches() ?? [];

    /// <inheritdoc/>
    public async ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            return handle.Store is IDamageNotes notes && await notes.NoteDamageAsync(hash, cancellationToken);
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public StoreLag? GetLag() => (Volatile.Read(ref _current)?.Store as IStoreLag)?.GetLag();

    /// <inheritdoc/>
    public async Task CatchUpAsync(CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            if (handle.Store is IStoreLag lagging)
                await lagging.CatchUpAsync(cancellationToken);
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask MarkPartialAsync(CancellationToken cancellationToken = default)
    {
        var handle = await AcquireAsync(cancellationToken);
        try
        {
            if (handle.Store is IPartialStore partial)
                await partial.MarkPartialAsync(cancellationToken);
        }
        finally
        {
            await handle.ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Decrement(ref _owners) != 0)
            return;
        await _opening.WaitAsync();
        _isDisposed = true;
        var handle = Interlocked.Exchange(ref _current, null);
        _opening.Release();
        if (handle is not null)
            await handle.ReleaseAsync();
    }

    static BlockHash[] NamesOf(ReadOnlySpan<BlockSlot> blocks)
    {
        var hashes = new BlockHash[blocks.Length];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = blocks[i].Hash;
        return hashes;
    }

    static ReadOnlySpan<BlockHash> PresentOf(ReadOnlySpan<BlockHash> hashes, ReadOnlySpan<bool> present)
    {
        if (!present[..hashes.Length].Contains(false))
            return hashes;
        var there = new List<BlockHash>();
        for (var i = 0; i < hashes.Length; i++)
        {
            if (present[i])
                there.Add(hashes[i]);
        }

        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(there);
    }

    static bool IsRefusal(Exception fault) => fault is StoreFullException or StoreUnavailableException { IsTransient: false };

    static T Capability<T>(StoreHandle handle)
        where T : class => handle.Store as T ?? throw new NotSupportedException($"{handle.Store.Description} is no {typeof(T).Name}");

    StoreUnavailableException Closed(Exception? why) => new(description, why?.Message ?? "it is not open yet", isTransient: true, why);

    async ValueTask<StoreHandle> AcquireAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var handle = Volatile.Read(ref _current) ?? await OpenAnewAsync(cancellationToken);
            if (handle.TryAcquire())
                return handle;
        }
    }

    async ValueTask<StoreHandle> OpenAnewAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_current is { } known)
                return known;
            if (_whyClosed is not null && time.GetElapsedTime(_closedAt) < _pause)
                throw Closed(_whyClosed);
            try
            {
                var opened = new StoreHandle(await open(cancellationToken));
                Identify(opened.Store);
                (_whyClosed, _pause) = (null, default);
                Volatile.Write(ref _current, opened);
                return opened;
            }
            catch (Exception fault) when (fault is UserErrorException or FormatInvalidException or StoreUnavailableException or StoreFullException)
            {
                _whyClosed = fault;
                _closedAt = time.GetTimestamp();
                _pause = _pause == default ? _shortestPause : _pause * 2 > _longestPause ? _longestPause : _pause * 2;
                throw Closed(fault);
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    void Identify(IBlockStore opened)
    {
        var now = new StoreIdentity(opened.Hasher, opened.Chunking);
        if (Identity is { } before && before.Hasher.Algorithm != now.Hasher.Algorithm)
            throw new UserErrorException($"{opened.Description}: its hash algorithm is not the one that it had; another store lies there now");
        Identity ??= now;
    }

    /// <summary>Makes durable what is owed, so that many questions need no more memory than some. Who asks need not be told that it failed: who flushes is.</summary>
    async ValueTask FlushForRoomAsync(StoreHandle handle, CancellationToken cancellationToken)
    {
        var flush = _owed.BeginFlush();
        try
        {
            await handle.Store.FlushAsync(cancellationToken);
            _owed.EndFlush(flush);
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            await RetireAsync(handle, refused);
        }
        catch (StoreUnavailableException)
        {
            // As above.
        }
    }

    async ValueTask RetireAsync(StoreHandle handle, Exception why)
    {
        lock (_retireGate)
        {
            if (_current != handle)
                return;
            Volatile.Write(ref _current, null);
            handle.WhyRetired = why;
            _owed.Doubt(why);
        }

        await handle.ReleaseAsync();
    }

    StoreHandle? TryAcquireCurrent()
    {
        lock (_retireGate)
            return _current is { } handle && handle.TryAcquire() ? handle : null;
    }

    // What a writer was still adding when others gave the opening up is in doubt as all else.
    void Note(StoreHandle handle, ReadOnlySpan<BlockHash> hashes)
    {
        if (hashes.IsEmpty)
            return;
        lock (_retireGate)
        {
            _owed.Note(hashes);
            if (_current != handle)
                _owed.Doubt(handle.WhyRetired ?? new StoreUnavailableException(Description, "it was closed", isTransient: true));
        }
    }

    /// <summary>Sees to it that what is in doubt is in the store.</summary>
    async ValueTask RequireAsync(IBlockStore store, BlockHash[] doubted, CancellationToken cancellationToken)
    {
        var why = _owed.Why;
        if (_owed.TakeUnknown())
            throw new StoreUnavailableException(Description, $"what was added since the last flush may be lost, and has to be added again: {why?.Message}", isTransient: true, why);
        if (doubted.Length == 0)
            return;
        var present = new bool[doubted.Length];
        await store.ContainsManyAsync(doubted, present, cancellationToken);
        if (present.Count(static isThere => !isThere) is > 0 and var lost)
            throw new StoreUnavailableException(Description, $"{lost} blocks that it had taken are lost, and have to be added again: {why?.Message}", isTransient: true, why);
    }
}
