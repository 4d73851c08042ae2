using System.Buffers;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Adding;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Reading;
using Vt.Stores.DataDir.Refs;
using Vt.Stores.DataDir.Sharing;
using Vt.Stores.DataDir.Text;
using Vt.Stores.References;

namespace Vt.Stores.DataDir;

/// <summary>
/// A store in a folder: append-only packs of compressed blocks, references, and an index that can be deleted at any time. vt-datadir(5) has the
/// formats, doc/design/002-datadir.md the reasons.
/// </summary>
/// <remarks>
/// Thread-safe. Any number of processes may open one folder at once, to read and to write. What a flush has confirmed survives the loss of the process and
/// of power. After a failed write or sync the store refuses to write until it is opened anew; reading goes on.
/// </remarks>
public sealed class DataDirStore : IBlockStore, IBlockEnumeration, IRefStore, IStoreCapacity, IDamageNotes, ICached, IPartialStore
{
    const int EnumerationBatch = 1024;

    readonly DataDirLayout _layout;
    readonly string? _whyReadOnly;
    readonly DiskWriter _disk;
    readonly Catalogue _catalogue;
    readonly PackFiles _files;
    readonly MemoryTable _table;
    readonly PackRegistry _registry;
    readonly BlockIndex _index;
    readonly DamagedList _damaged;
    readonly BlockFinder _finder;
    readonly ForeignDebts _debts;
    readonly ClaimTable _claims;
    readonly OpenPacks _packs;
    readonly BlockAdder _adder;
    readonly FrameLoader _loader;
    readonly FrameCache _cache;
    readonly BlockReader _reader;
    readonly RefFiles _refs;
    readonly SizeLimit? _limit;

    // Guards the counts.
    readonly Lock _countsGate = new();
    AddCounts _counts;
    volatile bool _isPartial;
    int _isDisposed;

    DataDirStore(DataDirLayout layout, DataDirConfig config, DataDirOptions options, CancellationToken cancellationToken)
    {
        _layout = layout;
        Config = config;
        Description = $"datadir {layout.Root}";
        Hasher = HashAlgorithms.GetHasher(config.Hash);
        _whyReadOnly = options.IsReadOnly ? "it was opened for reading only" : DataDirFiles.WhyReadOnly(layout);
        var boundary = options.Boundary ?? WriteBoundary.FromEnvironment();
        _disk = new DiskWriter(boundary, new WriteFailure(Description));
        _catalogue = new Catalogue(layout.Catalogue, _disk, options.Time);
        if (_whyReadOnly is null)
            Prepare(boundary, options.Time, cancellationToken);
        _files = new PackFiles(layout);
        _table = new MemoryTable(config.Hash);
        _registry = new PackRegistry(layout, config, _catalogue, _files, _table);
        _registry.Start();
        _index = BlockIndex.Open(layout.Index, config.Hash, _registry, boundary, cancellationToken);
        _registry.Attach(_index, cancellationToken);
        _damaged = DamagedList.Open(layout.Damaged, _whyReadOnly is null ? _disk : null);
        _finder = new BlockFinder(_table, _index, _registry, _damaged);
        _debts = new ForeignDebts(layout, _registry, _files, _disk, IsReadOnly);
        _claims = new ClaimTable(layout.Claims);
        _packs = new OpenPacks(layout, config, _catalogue, _registry, _disk, options.Time, _index.SlotOf);
        _adder = new BlockAdder(_table, _finder, _registry, _packs, _damaged, _debts, _claims, config.Level);
        _loader = new FrameLoader(_files);
        _cache = new FrameCache(_loader, options.CacheBytes);
        _reader = new BlockReader(Description, Hasher, _finder, _index, _registry, _cache, _loader, _damaged);
        _refs = new RefFiles(layout, _catalogue, _disk, options.Time);
        _limit = options.MostBytes == long.MaxValue ? null : new SizeLimit(layout, options.MostBytes, Description);
        _isPartial = File.Exists(layout.Partial);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>What the store was made with.</summary>
    public DataDirConfig Config { get; }

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking => Config.Chunking;

    /// <inheritdoc/>
    public bool IsComplete => !_isPartial;

    /// <summary>Whether nothing can be added.</summary>
    public bool IsReadOnly => _whyReadOnly is not null;

    /// <summary>What was added since the store was opened.</summary>
    public AddCounts Added
    {
        get
        {
            lock (_countsGate)
                return _counts;
        }
    }

    /// <summary>How many frames did not decompress to what they were made of, and were stored raw: a sign of failing memory.</summary>
    public long CompressionMismatches => _adder.Mismatches;

    /// <summary>Makes a DataDir.</summary>
    /// <param name="path">The folder; new or empty. Its parent must be there.</param>
    /// <param name="config">What to make it with; the defaults when null.</param>
    /// <exception cref="UserErrorException">There is a store already, the folder isn't empty, or the config makes no sense.</exception>
    /// <exception cref="StoreUnavailableException">It can't be made.</exception>
    public static void Initialise(string path, DataDirConfig? config = null)
    {
        try
        {
            DataDirFiles.Make(new DataDirLayout(path), config ?? new DataDirConfig());
        }
        catch (IOException failed)
        {
            throw new StoreUnavailableException($"datadir {path}", failed.Message, isTransient: false, failed);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new StoreUnavailableException($"datadir {path}", refused.Message, isTransient: false, refused);
        }
    }

    /// <summary>
    /// Opens a DataDir. What an interrupted process left is put right first, where that can be written; where not, it is read as it is.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">How; the defaults when null.</param>
    /// <param name="cancellationToken">Stops scanning of packs.</param>
    /// <exception cref="UserErrorException">There is no DataDir.</exception>
    /// <exception cref="FormatInvalidException">The config is damaged.</exception>
    /// <exception cref="StoreUnavailableException">It can't be read.</exception>
    public static DataDirStore Open(string path, DataDirOptions? options = null, CancellationToken cancellationToken = default)
    {
        var layout = new DataDirLayout(path);
        try
        {
            return new DataDirStore(layout, DataDirFiles.ReadConfig(layout), options ?? new DataDirOptions(), cancellationToken);
        }
        catch (IOException failed)
        {
            throw new StoreUnavailableException($"datadir {path}", failed.Message, isTransient: false, failed);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new StoreUnavailableException($"datadir {path}", refused.Message, isTransient: false, refused);
        }
    }

    /// <inheritdoc/>
    public ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rented = ArrayPool<BlockLocation>.Shared.Rent(hashes.Length);
        try
        {
            var locations = rented.AsSpan(0, hashes.Length);
            locations.Clear();
            var learnt = _registry.Learnt;
            if (_finder.FindUsable(hashes.Span, locations) > 0 && _registry.Refresh(learnt, cancellationToken))
                _finder.FindUsable(hashes.Span, locations);
            for (var i = 0; i < hashes.Length; i++)
            {
                present.Span[i] = !locations[i].IsNone;
                if (present.Span[i])
                    _debts.Note(locations[i].Pack);
            }

            return default;
        }
        catch (IOException failed)
        {
            throw Unavailable(failed);
        }
        finally
        {
            ArrayPool<BlockLocation>.Shared.Return(rented);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await _reader.GetAsync(hash, cancellationToken);
        }
        catch (IOException failed)
        {
            throw Unavailable(failed);
        }
    }

    /// <inheritdoc/>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await _reader.GetManyAsync(hashes, blocks, cancellationToken);
        }
        catch (IOException failed)
        {
            throw Unavailable(failed);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A name is of another algorithm, or a block is longer than any may be or outside the buffer.</exception>
    public async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        BlockBatch.Check(buffer.Length, blocks.Span, Config.Hash);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfReadOnly();
        _disk.Failure.ThrowIfSet();
        try
        {
            if (_limit is not null && !_limit.HasRoom(blocks.Span, out var length))
                _limit.ThrowIfOver(await CountAbsentAsync(blocks, cancellationToken), length);
            var counts = await _adder.AddAsync(buffer, blocks, cancellationToken);
            _limit?.Note(counts.StoredBytes);
            lock (_countsGate)
                _counts += counts;
            return counts;
        }
        catch (IOException failed)
        {
            throw Unavailable(failed);
        }
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _disk.Failure.ThrowIfSet();
        try
        {
            if (!IsReadOnly)
                await _packs.FlushAsync(cancellationToken);

            // Also where nothing can be written: what another process writes was said to be there, and syncing it changes nothing.
            await _debts.FlushAsync(_index.PackAt, cancellationToken);
        }
        catch (IOException failed)
        {
            throw Unavailable(failed);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default) =>
        Enumerate(after, cancellationToken).ToAsyncEnumerable();

    /// <inheritdoc/>
    public bool HasDamage => !_damaged.IsEmpty || _registry.Missing.Count > 0;

    /// <inheritdoc/>
    public ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<bool>(Guarded(() => _reader.NoteDamage(hash, cancellationToken)) && !IsReadOnly);
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<string?>(Guarded(() => _refs.Read(name)));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Guarded(() => _refs.List(prefix)).ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is not valid, or the value or the note is not one line.</exception>
    public ValueTask<bool> TryMoveAsync(
        string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefName.Check(name, value, note);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfReadOnly();
        return new ValueTask<bool>(Guarded(() => _refs.TryMove(name, expected, value, note)));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RefMovement> ReadLogAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        return Guarded(() => _refs.ReadLog(name)).ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    public ValueTask MarkPartialAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isPartial)
            return default;
        ThrowIfReadOnly();
        Guarded(() =>
        {
            using (_disk.OpenForAppend(_layout.Partial))
            {
            }

            _disk.SyncFolder(_layout.Root);
            return _isPartial = true;
        });
        return default;
    }

    /// <inheritdoc/>
    public IEnumerable<CacheFigures> ReadCaches() => [_cache.Figures];

    /// <summary>How much it holds and how much fits.</summary>
    /// <exception cref="StoreUnavailableException">The folder can't be looked at.</exception>
    public StoreCapacity GetCapacity() => Guarded(() =>
    {
        var disk = PosixFile.Statvfs(_layout.Root);
        var closed = _catalogue.Read(static state => state.Closed.Values.Sum());
        return new StoreCapacity(
            disk.TotalBytes, disk.FreeBytes, disk.AvailableBytes, closed + _packs.Length, _index.Count + _table.Count);
    });

    StoreCapacity? IStoreCapacity.GetCapacity()
    {
        try
        {
            return GetCapacity();
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    /// <summary>
    /// Closes this process's packs, which makes them durable, unless writing failed before: then what was flushed stays and the next opening puts the
    /// rest right. Waits for a merge of the index that is under way, so that many short sessions leave no more runs than a long one. All leases must
    /// have been given back.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _packs.DisposeAsync();
        RememberCounts();
        if (!_disk.Failure.IsSet)
            await _index.WhenMergedAsync();
        _index.Dispose();
        _adder.Dispose();
        _claims.Dispose();
        _debts.Dispose();
        _cache.Dispose();
        _loader.Dispose();
        _files.Dispose();
        _registry.Dispose();
    }

    /// <summary>Drops the index and makes it anew from the packs.</summary>
    internal Task RebuildIndexAsync(CancellationToken cancellationToken) => _index.RebuildAsync(cancellationToken);

    /// <summary>How many bytes of a batch are of blocks that the store has not got.</summary>
    async ValueTask<long> CountAbsentAsync(ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken)
    {
        var hashes = new BlockHash[blocks.Length];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = blocks.Span[i].Hash;
        var present = new bool[hashes.Length];
        await ContainsManyAsync(hashes, present, cancellationToken);
        var absent = 0L;
        for (var i = 0; i < hashes.Length; i++)
            absent += present[i] ? 0 : blocks.Span[i].Length;
        return absent;
    }

    /// <summary>Puts right what an interrupted process left. Its failures are not this store's: what can't be put right is read as it is.</summary>
    void Prepare(WriteBoundary boundary, TimeProvider time, CancellationToken cancellationToken)
    {
        var disk = new DiskWriter(boundary, new WriteFailure(Description));
        var catalogue = new Catalogue(_layout.Catalogue, disk, time);
        new PackRecovery(_layout, Config, catalogue, disk).RecoverAll(cancellationToken);
        try
        {
            DataDirFiles.Adopt(_layout, catalogue);
        }
        catch (StoreFullException)
        {
            // The next opening lists them.
        }
        catch (StoreUnavailableException)
        {
            // As above.
        }
    }

    void RememberCounts()
    {
        var counts = Added;
        if (counts == default || _disk.Failure.IsSet)
            return;
        try
        {
            _catalogue.AppendAdded(counts);
        }
        catch (StoreFullException)
        {
            // Statistics only.
        }
        catch (StoreUnavailableException)
        {
            // As above.
        }
    }

    /// <summary>Merges the fresh blocks' names, of which there is a copy, into the index's.</summary>
    IEnumerable<BlockHash> Enumerate(BlockHash? after, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Guarded(() => _registry.Refresh(cancellationToken));
        var fresh = _table.Enumerate().Select(block => block.Hash).Where(hash => after is not { } first || hash > first).ToArray();
        Array.Sort(fresh);
        var next = 0;
        BlockHash? last = null;
        foreach (var hash in EnumerateIndex(after, cancellationToken))
        {
            for (; next < fresh.Length && fresh[next] <= hash; next++)
            {
                if (fresh[next] != last && fresh[next] != hash && IsReadable(fresh[next]))
                    yield return fresh[next];
                last = fresh[next];
            }

            last = hash;
            if (IsReadable(hash))
                yield return hash;
        }

        for (; next < fresh.Length; next++)
        {
            if (fresh[next] != last && IsReadable(fresh[next]))
                yield return fresh[next];
            last = fresh[next];
        }
    }

    IEnumerable<BlockHash> EnumerateIndex(BlockHash? after, CancellationToken cancellationToken)
    {
        var batch = new IndexedBlock[EnumerationBatch];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var from = after;
            var count = Guarded(() => _index.EnumerateFrom(from, batch));
            for (var i = 0; i < count; i++)
                yield return batch[i].Hash;
            if (count < batch.Length)
                yield break;
            after = batch[count - 1].Hash;
        }
    }

    /// <summary>Whether a listed block is there. A tree that may lack what is below it is listed too: a list is of blocks, each by itself.</summary>
    bool IsReadable(BlockHash hash)
    {
        if (_damaged.IsEmpty && _registry.Missing.Count == 0)
            return true;
        var location = default(BlockLocation);
        return _finder.FindReadable(new ReadOnlySpan<BlockHash>(in hash), new Span<BlockLocation>(ref location)) == 0;
    }

    void ThrowIfReadOnly()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (_whyReadOnly is not null)
            throw new StoreUnavailableException(Description, $"nothing can be written: {_whyReadOnly}");
    }

    T Guarded<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (IOException failed)
        {
            throw Unavailable(failed);
        }
    }

    StoreUnavailableException Unavailable(IOException failed) => new(Description, failed.Message, isTransient: true, failed);
}
