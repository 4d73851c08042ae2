using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir.Packs;

/// <summary>
/// Which packs there are, this process's own apart: the closed ones for the index, the open ones of other writers, and those that ought to be
/// there and are not. Thread-safe.
/// </summary>
/// <remarks>
/// A pack that is missing is listed to the index like a closed one, so that its blocks are known to be lost as long as a merged run remembers
/// them, and don't look as if they had never been stored.
/// </remarks>
sealed class PackRegistry : IPackCatalog, IDisposable
{
    // A folder that changed this short a time ago may change again without its time of change telling.
    static readonly TimeSpan _settling = TimeSpan.FromMilliseconds(50);

    readonly DataDirLayout _layout;
    readonly DataDirConfig _config;
    readonly Catalogue _catalogue;
    readonly PackFiles _files;
    readonly MemoryTable _table;

    // Held while the folder is read and foreign packs are scanned, which is I/O.
    readonly SemaphoreSlim _refreshing = new(1);
    readonly List<ForeignPack> _foreign = [];

    // Guards the set of own packs.
    readonly Lock _ownGate = new();
    readonly HashSet<PackId> _own = [];

    volatile PackId[] _listed = [];
    volatile HashSet<PackId> _missing = [];
    volatile HashSet<PackId> _unreliable = [];
    volatile HashSet<uint> _foreignSlots = [];
    BlockIndex? _index;
    long _folderChanged = -1;
    bool _isSettled;
    int _discoveries;
    long _learnt;

    public PackRegistry(DataDirLayout layout, DataDirConfig config, Catalogue catalogue, PackFiles files, MemoryTable table)
    {
        _layout = layout;
        _config = config;
        _catalogue = catalogue;
        _files = files;
        _table = table;
    }

    /// <summary>The packs that ought to be there and are not.</summary>
    public IReadOnlySet<PackId> Missing => _missing;

    /// <summary>
    /// The packs of which nobody is to be told that they have a block: those that are missing, and those that were being written when the power went and have trees that may lack what is below them
    /// (<see cref="PackRecovery"/>). What the latter have can be read.
    /// </summary>
    public IReadOnlySet<PackId> Unreliable => _unreliable;

    /// <summary>Slots of packs that other processes are writing.</summary>
    public IReadOnlySet<uint> ForeignSlots => _foreignSlots;

    /// <summary>Grows whenever packs of other processes came or changed their names.</summary>
    public int Discoveries => Volatile.Read(ref _discoveries);

    /// <summary>Reads the folder for the first time; then the index can be opened, and <see cref="Attach"/> completes the start.</summary>
    /// <exception cref="IOException">The folder or the catalogue can't be read.</exception>
    public void Start() => ReadFolder();

    /// <summary>Gives the index, and takes in what other processes are writing.</summary>
    public void Attach(BlockIndex index, CancellationToken cancellationToken)
    {
        _index = index;

        // The first reading could not follow what others write, as slots are the index's: read again, changed or not.
        _isSettled = false;
        Refresh(cancellationToken);
    }

    /// <summary>A name for a pack of this process, known as such before anybody can see it.</summary>
    public PackId NewOwn()
    {
        var pack = PackId.Create();
        lock (_ownGate)
            _own.Add(pack);
        return pack;
    }

    /// <summary>Hands an own pack that was closed to the index.</summary>
    public void Closed(PackId pack)
    {
        // Not while the folder is being read: a listing from before the pack was renamed must not replace this one.
        _refreshing.Wait();
        try
        {
            _listed = [.. _listed, pack];
            _index!.AddPackRun(pack);
            _table.RemovePack(_index.SlotOf(pack));
            lock (_ownGate)
                _own.Remove(pack);
        }
        finally
        {
            _refreshing.Release();
        }

        _index.StartMerging();
    }

    /// <summary>Forgets an own pack that was not worth keeping.</summary>
    public void Dropped(PackId pack)
    {
        lock (_ownGate)
            _own.Remove(pack);
    }

    /// <summary>Grows whenever there may be blocks that were not known before.</summary>
    public long Learnt => Interlocked.Read(ref _learnt);

    /// <summary>As <see cref="Refresh(CancellationToken)"/>, for who has looked for a block in vain.</summary>
    /// <param name="learnt">What <see cref="Learnt"/> was before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it may be found now; also since another thread took it in between.</returns>
    public bool Refresh(long learnt, CancellationToken cancellationToken)
    {
        Refresh(cancellationToken);
        return Learnt != learnt;
    }

    /// <summary>Takes in what other processes did. Cheap when that is nothing: a stat of the folder and of each open foreign pack.</summary>
    /// <returns>Whether there may be blocks that were not known before.</returns>
    /// <exception cref="IOException">The folder, the catalogue or a pack can't be read.</exception>
    public bool Refresh(CancellationToken cancellationToken)
    {
        _refreshing.Wait(cancellationToken);
        try
        {
            var isChanged = !_isSettled || PosixFile.Stat(_layout.Packs).ModificationTime.TotalNanoseconds != _folderChanged;
            var gone = isChanged ? ReadFolder() : [];
            isChanged = isChanged && _index!.Refresh(cancellationToken);

            // Only now does the index answer for what the table had.
            foreach (var pack in gone)
                _table.RemovePack(_index!.SlotOf(pack));
            var found = 0;
            foreach (var pack in _foreign)
                found += pack.Scan(_files, _table, cancellationToken);
            if (!isChanged && found == 0)
                return false;
            Interlocked.Increment(ref _learnt);
            return true;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Packs that other processes are writing at this moment, also those that they have begun since the folder was last read.</summary>
    /// <exception cref="IOException">The folder can't be read.</exception>
    public List<PackId> ListForeign()
    {
        var open = PackListing.Read(_layout).Open;
        lock (_ownGate)
            return [.. open.Where(pack => !_own.Contains(pack))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<PackId> List() => _listed;

    /// <inheritdoc/>
    public RunPlace? Locate(PackId pack)
    {
        var path = _layout.ClosedPack(pack);
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file);
        if (error == Errno.ENOENT)
            return null;
        if (error != 0)
            throw new PosixException(error, "open", path);
        using (file)
        {
            try
            {
                var trailer = PackTrailer.Read(file, PosixFile.Fstat(file).Size);
                return new RunPlace(path, trailer.ContentsOffset, trailer.ContentsLength);
            }
            catch (Blocks.Contracts.FormatInvalidException fault)
            {
                throw fault.In(path);
            }
        }
    }

    /// <inheritdoc/>
    public void Scan(PackId pack, RunBuilder into, CancellationToken cancellationToken)
    {
        using var handle = _files.TryOpen(pack);
        if (handle is null)
            return;
        using var scanner = new PackScanner(
            handle.File, PackHeader.SeedOf(pack), PackHeader.Size, PosixFile.Fstat(handle.File).Size, checkPayloads: false);
        while (scanner.MoveNext(cancellationToken))
            PackBlocks.ForEach(scanner, _config.Hash, 0, into, static (builder, hash, location) => builder.Add(hash, location));
    }

    /// <inheritdoc/>
    public void Dispose() => _refreshing.Dispose();

    /// <summary>Reads the folder.</summary>
    /// <returns>Foreign packs that are being written no more.</returns>
    List<PackId> ReadFolder()
    {
        // In this order: what is listed as present was there before, and what changes meanwhile is seen next time.
        var expected = _catalogue.Read(static state => state.Packs.ToArray());

        // The clock comes first: what is made while the folder is listed may get the very time that the folder has now.
        var now = TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch;
        var changed = PosixFile.Stat(_layout.Packs).ModificationTime.TotalNanoseconds;
        var listing = PackListing.Read(_layout).With(_layout, [.. expected, .. _foreign.ConvertAll(static pack => pack.Pack)]);
        _isSettled = now - TimeSpan.FromTicks(changed / 100) > _settling;
        _folderChanged = changed;
        var missing = new HashSet<PackId>(expected);
        missing.ExceptWith(listing.Closed);
        missing.ExceptWith(listing.Open);
        lock (_ownGate)
            missing.ExceptWith(_own);
        var listed = new HashSet<PackId>(listing.Closed);
        listed.UnionWith(missing);
        lock (_ownGate)
            listed.ExceptWith(_own);
        var gone = FollowForeign(listing);
        if (gone.Count > 0 || !listed.SetEquals(_listed))
            Interlocked.Increment(ref _discoveries);
        _missing = missing;
        _unreliable = [.. missing, .. listing.Doubted, .. _foreign.Where(static pack => pack.IsDoubted).Select(static pack => pack.Pack)];
        _listed = [.. listed];
        return gone;
    }

    List<PackId> FollowForeign(PackListing listing)
    {
        var gone = _foreign.FindAll(pack => !listing.Open.Contains(pack.Pack)).ConvertAll(pack => pack.Pack);
        _foreign.RemoveAll(pack => !listing.Open.Contains(pack.Pack));
        if (_index is null)
            return gone;
        foreach (var pack in listing.Open)
        {
            bool isOwn;
            lock (_ownGate)
                isOwn = _own.Contains(pack);
            if (!isOwn && !_foreign.Exists(known => known.Pack == pack))
                _foreign.Add(new ForeignPack(pack, _index.SlotOf(pack), _config.Hash, IsDoubted(pack)));
        }

        _foreignSlots = [.. _foreign.ConvertAll(pack => pack.Slot)];
        return gone;
    }

    bool IsDoubted(PackId pack)
    {
        using var handle = _files.TryOpen(pack);
        return handle is not null && PackRecovery.IsDoubted(PackRecovery.TryReadHeader(handle.File), handle.File);
    }
}
