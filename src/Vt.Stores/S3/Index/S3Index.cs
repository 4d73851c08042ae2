using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Vt.Stores.S3.Access;

namespace Vt.Stores.S3.Index;

/// <summary>
/// Where every block of the uploaded packs lies: the index objects of all writers, copied here, and the packs of this process that no index object lists yet.
/// </summary>
/// <remarks>
/// Thread-safe.
/// 1. The set of runs is that of the last listing, without what others in it replace, plus what this process has uploaded since.
/// 2. A pack is in an index object only after it was uploaded. So whatever an index object lists is there.
/// 3. An index object is deleted only when one that replaces it has been there for <see cref="_grace"/>, by the server's clock: a listing takes less, so
/// none can miss both.
/// 4. Damage is an exception of the lookup, which <see cref="MendAsync"/> answers; it never makes a block look absent.
/// </remarks>
sealed partial class S3Index : IDisposable
{
    static readonly TimeSpan _grace = TimeSpan.FromMinutes(15);

    readonly S3Bucket _bucket;
    readonly PackId _store;
    readonly HashAlgorithmId _algorithm;
    readonly IndexCache _cache;
    readonly int _parallel;
    readonly PackSlots _slots = new();

    // Held while the lists below change; the set is swapped under it and read without it.
    readonly SemaphoreSlim _changing = new(1);
    readonly Dictionary<PackId, LoadedIndex> _loaded = [];
    readonly List<PendingPack> _pending = [];
    volatile RunSet _set;
    long _listedAt = long.MinValue;
    long _storedBytes;
    bool _isDisposed;

    /// <summary>Makes an empty index; <see cref="RefreshAsync"/> fills it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="config">The store.</param>
    /// <param name="cache">Local copies.</param>
    /// <param name="parallel">How many index objects are read at once.</param>
    public S3Index(S3Bucket bucket, S3Config config, IndexCache cache, int parallel)
    {
        _bucket = bucket;
        _store = config.Id;
        _algorithm = config.Hash;
        _cache = cache;
        _parallel = parallel;
        _set = new RunSet([], new HashSet<PackId>(), _slots);
    }

    /// <summary>How many places of blocks are known; a block that lies in two packs counts twice.</summary>
    public long Count => _set.Count;

    /// <summary>Stands for what is known: another object whenever that is more.</summary>
    public object Known => _set;

    /// <summary>What the packs take, as far as they are known.</summary>
    public long StoredBytes => Interlocked.Read(ref _storedBytes);

    /// <summary>The clock's count when the last listing began.</summary>
    public long ListedAt => Interlocked.Read(ref _listedAt);

    /// <summary>The number of a pack in <see cref="BlockLocation.Pack"/>.</summary>
    public uint SlotOf(PackId pack) => (uint)_slots.SlotOf(pack);

    /// <summary>The pack that a number stands for.</summary>
    public PackId PackAt(uint slot) => _slots.PackAt((int)slot);

    /// <summary>Looks up many blocks.</summary>
    /// <param name="hashes">The names.</param>
    /// <param name="locations">As many places. Those that are none yet are looked up and filled in.</param>
    /// <returns>How many are none still.</returns>
    /// <exception cref="IndexDamageException">A run is damaged.</exception>
    public int FindMany(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations)
    {
        var left = 0;
        for (var at = 0; at < hashes.Length; at += Run.Batch)
        {
            var length = Math.Min(Run.Batch, hashes.Length - at);
            left += FindBatch(hashes.Slice(at, length), locations.Slice(at, length));
        }

        return left;
    }

    /// <summary>Every place of a block, the newest first.</summary>
    /// <exception cref="IndexDamageException">A run is damaged.</exception>
    public List<BlockLocation> FindAll(in BlockHash hash)
    {
        var places = new List<BlockLocation>();
        if (hash.Algorithm != _algorithm)
            return places;
        var key = BlockKey.Of(hash);
        var set = Hold();
        var run = 0;
        try
        {
            for (; run < set.Runs.Length; run++)
                set.Runs[run].FindAll(key, set.SlotsOf(run), places);
            return places;
        }
        catch (FormatInvalidException fault)
        {
            throw new IndexDamageException(set.Runs[run], fault);
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>The next blocks in ascending order of names, each once.</summary>
    /// <param name="after">Names up to and including this one are left out; null starts at the beginning.</param>
    /// <param name="blocks">Receives the names.</param>
    /// <returns>How many; fewer than <paramref name="blocks"/> holds only at the end.</returns>
    /// <exception cref="IndexDamageException">A run is damaged.</exception>
    public int EnumerateFrom(BlockHash? after, Span<BlockHash> blocks)
    {
        if (after is { } start && start.Algorithm != _algorithm)
        {
            if (start.Algorithm > _algorithm)
                return 0;
            after = null;
        }

        var set = Hold();
        var merge = new RunMerge(set.Runs, after is { } hash ? BlockKey.Of(hash) : null);
        try
        {
            var count = 0;
            BlockKey? last = null;
            while (count < blocks.Length && merge.MoveNext())
            {
                if (merge.Entry.Key == last)
                    continue;
                last = merge.Entry.Key;
                blocks[count++] = merge.Entry.Key.ToHash(_algorithm);
            }

            return count;
        }
        catch (FormatInvalidException fault)
        {
            throw new IndexDamageException(set.Runs[merge.Reading], fault);
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>Takes an uploaded pack in: its blocks are found from now on.</summary>
    /// <param name="pack">The pack; its run goes over to the index.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task AddAsync(PendingPack pack, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            _pending.Add(pack);
            Swap();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Lets the runs go. Lookups must have ended.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _set.Release();
        foreach (var index in _loaded.Values)
            index.Run.Release();
        foreach (var pack in _pending)
            pack.Run.Release();
        _changing.Dispose();
    }

    int FindBatch(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations)
    {
        Span<BlockKey> keys = stackalloc BlockKey[hashes.Length];
        Span<int> pending = stackalloc int[hashes.Length];
        var count = 0;
        var foreign = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!locations[i].IsNone)
                continue;
            if (hashes[i].Algorithm != _algorithm)
            {
                foreign++;
                continue;
            }

            keys[i] = BlockKey.Of(hashes[i]);
            pending[count++] = i;
        }

        if (count == 0)
            return foreign;
        var set = Hold();
        var run = 0;
        try
        {
            return foreign + set.Find(keys, pending[..count], locations, ref run);
        }
        catch (FormatInvalidException fault)
        {
            throw new IndexDamageException(set.Runs[run], fault);
        }
        finally
        {
            set.Release();
        }
    }

    RunSet Hold()
    {
        while (true)
        {
            var set = _set;
            if (set.TryAcquire())
                return set;
            ObjectDisposedException.ThrowIf(_isDisposed, this);
        }
    }

    /// <summary>Makes the lists the set that answers. Under <see cref="_changing"/>.</summary>
    void Swap()
    {
        var runs = new List<Run>();
        var packs = new HashSet<PackId>();
        var stored = 0L;
        foreach (var index in _loaded.Values)
        {
            runs.Add(index.Run);
            stored += index.Head.StoredBytes;
            foreach (ref readonly var pack in index.Run.Packs)
                packs.Add(pack.Id);
        }

        foreach (var pack in _pending)
        {
            runs.Add(pack.Run);
            stored += pack.Length;
            packs.Add(pack.Id);
        }

        var before = _set;
        _set = new RunSet(runs, packs, _slots);
        before.Release();
        Interlocked.Exchange(ref _storedBytes, stored);
    }
}
