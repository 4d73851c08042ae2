using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// Where every block of a DataDir's closed packs lies. Packs' tables of contents and the merged runs in the index folder answer;
/// all that is in the folder is derived from the packs, and what is missing or damaged there is made again unprompted.
/// </summary>
/// <remarks>
/// Thread-safe.
/// 1. The set of runs covers exactly the packs that the catalogue listed last, plus those added since.
/// 2. Lookups hold the set they began with, so replacing it or unlinking a run's file never disturbs them.
/// 3. Damage found on the way replaces the run (a merged one by its packs' tables of contents, a table of contents by a scan of
/// the pack) and the lookup goes on; it never makes a block look absent.
/// 4. Only one process merges at a time; readers need no lock.
/// </remarks>
sealed partial class BlockIndex : IDisposable
{
    readonly IndexFolder _folder;
    readonly HashAlgorithmId _algorithm;
    readonly IPackCatalog _catalog;
    readonly PackSlots _slots = new();
    readonly bool _writable;

    // Held while a new set is made and put in place: by loading, adding a pack, merging.
    readonly SemaphoreSlim _changing = new(1);
    readonly HashSet<string> _condemnedFiles = new(StringComparer.Ordinal);
    readonly HashSet<PackId> _condemnedPacks = [];
    readonly List<IndexDamage> _damages = [];
    readonly CancellationTokenSource _closing = new();
    volatile RunSet _set;
    long _folderSeen;

    BlockIndex(string folder, HashAlgorithmId algorithm, IPackCatalog catalog, WriteBoundary boundary)
    {
        _folder = new IndexFolder(folder, boundary);
        _algorithm = algorithm;
        _catalog = catalog;
        _writable = _folder.TryPrepare();
        _set = new RunSet([], new HashSet<PackId>(), _slots);
    }

    /// <summary>How many places of blocks are known; a block that lies in two packs counts twice.</summary>
    public long Count => _set.Count;

    /// <summary>Whether merged runs can be written.</summary>
    public bool IsWritable => _writable;

    /// <summary>Opens the index of a DataDir.</summary>
    /// <param name="folder">The index folder; made where it is missing and can be made.</param>
    /// <param name="algorithm">The DataDir's hash algorithm.</param>
    /// <param name="catalog">The packs.</param>
    /// <param name="cancellationToken">Stops scanning of packs that have no usable table of contents.</param>
    /// <exception cref="IOException">The folder or the list of packs can't be read.</exception>
    public static BlockIndex Open(
        string folder, HashAlgorithmId algorithm, IPackCatalog catalog, CancellationToken cancellationToken = default) =>
        Open(folder, algorithm, catalog, new WriteBoundary(null), cancellationToken);

    /// <summary>Opens the index of a DataDir under the crash tests' hook.</summary>
    /// <inheritdoc cref="Open(string, HashAlgorithmId, IPackCatalog, CancellationToken)"/>
    public static BlockIndex Open(
        string folder, HashAlgorithmId algorithm, IPackCatalog catalog, WriteBoundary boundary, CancellationToken cancellationToken)
    {
        var index = new BlockIndex(folder, algorithm, catalog, boundary);
        try
        {
            index.Load(cancellationToken);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>The number of a pack in <see cref="BlockLocation.Pack"/>: small, from 0, the same as long as this index is open.</summary>
    public uint SlotOf(PackId pack) => (uint)_slots.SlotOf(pack);

    /// <summary>The pack that a number stands for.</summary>
    public PackId PackAt(uint slot) => _slots.PackAt((int)slot);

    /// <summary>Looks up one block.</summary>
    /// <returns>Whether it lies in a closed pack.</returns>
    public bool TryFind(in BlockHash hash, out BlockLocation location)
    {
        location = default;
        return FindMany(new ReadOnlySpan<BlockHash>(in hash), new Span<BlockLocation>(ref location)) == 1;
    }

    /// <summary>Looks up many blocks; the way to look up in hot paths.</summary>
    /// <param name="hashes">The names.</param>
    /// <param name="locations">As many places. Those that are none yet are looked up and filled in; others are left alone.</param>
    /// <returns>How many were filled in.</returns>
    public int FindMany(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(locations.Length, hashes.Length);
        var found = 0;
        for (var at = 0; at < hashes.Length; at += Run.Batch)
        {
            var length = Math.Min(Run.Batch, hashes.Length - at);
            found += FindBatch(hashes.Slice(at, length), locations.Slice(at, length));
        }

        return found;
    }

    /// <summary>Every place of a block, the newest first: where one copy proves damaged another may not be.</summary>
    public IReadOnlyList<BlockLocation> FindAll(in BlockHash hash)
    {
        var places = new List<BlockLocation>();
        if (hash.Algorithm != _algorithm)
            return places;
        var key = BlockKey.Of(hash);
        while (true)
        {
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
                Condemn(set.Runs[run], fault);
                places.Clear();
            }
            finally
            {
                set.Release();
            }
        }
    }

    /// <summary>The next blocks in ascending order of names, each once, with its newest place.</summary>
    /// <param name="after">Names up to and including this one are left out; null starts at the beginning.</param>
    /// <param name="blocks">Receives names and places; not empty.</param>
    /// <returns>How many; fewer than <paramref name="blocks"/> holds only at the end.</returns>
    public int EnumerateFrom(BlockHash? after, Span<IndexedBlock> blocks)
    {
        if (after is { } start && start.Algorithm != _algorithm)
        {
            if (start.Algorithm > _algorithm)
                return 0;
            after = null;
        }

        while (true)
        {
            var set = Hold();
            var merge = new RunMerge(set.Runs, after is { } hash ? BlockKey.Of(hash) : null);
            try
            {
                return Fill(blocks, merge, set);
            }
            catch (FormatInvalidException fault)
            {
                Condemn(set.Runs[merge.Reading], fault);
            }
            finally
            {
                set.Release();
            }
        }
    }

    /// <summary>What the index consists of now.</summary>
    public IndexStatistics Statistics()
    {
        var set = Hold();
        try
        {
            var merged = 0;
            var bytes = 0L;
            foreach (var run in set.Runs)
            {
                merged += run.IsPackRun ? 0 : 1;
                bytes += run.IsPackRun ? 0 : run.Length;
            }

            return new IndexStatistics(set.Packs.Count, set.Count, merged, bytes, set.Runs.Length - merged);
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>Stops merging and lets the runs go. Lookups must have ended.</summary>
    public void Dispose()
    {
        if (_closing.IsCancellationRequested)
            return;
        _closing.Cancel();
        _merging.Wait();
        _set.Release();
        _closing.Dispose();
        _changing.Dispose();
    }

    int FindBatch(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations)
    {
        Span<BlockKey> keys = stackalloc BlockKey[hashes.Length];
        Span<int> pending = stackalloc int[hashes.Length];
        var asked = -1;
        while (true)
        {
            var count = 0;
            for (var i = 0; i < hashes.Length; i++)
            {
                if (!locations[i].IsNone || hashes[i].Algorithm != _algorithm)
                    continue;
                keys[i] = BlockKey.Of(hashes[i]);
                pending[count++] = i;
            }

            if (asked < 0)
                asked = count;
            var run = 0;
            var set = Hold();
            try
            {
                return asked - set.Find(keys, pending[..count], locations, ref run);
            }
            catch (FormatInvalidException fault)
            {
                Condemn(set.Runs[run], fault);
            }
            finally
            {
                set.Release();
            }
        }
    }

    int Fill(Span<IndexedBlock> blocks, RunMerge merge, RunSet set)
    {
        var count = 0;
        BlockKey? last = null;
        while (count < blocks.Length && merge.MoveNext())
        {
            var entry = merge.Entry;
            var slots = set.SlotsOf(merge.Source);
            if (entry.Key == last || entry.Location.Pack >= (uint)slots.Length || slots[(int)entry.Location.Pack] < 0)
                continue;
            var place = entry.Location with { Pack = (uint)slots[(int)entry.Location.Pack] };
            blocks[count++] = new IndexedBlock(entry.Key.ToHash(_algorithm), place);
            last = entry.Key;
        }

        return count;
    }

    /// <summary>The set in use, acquired.</summary>
    RunSet Hold()
    {
        while (true)
        {
            var set = _set;
            if (set.TryAcquire())
                return set;
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        }
    }
}
