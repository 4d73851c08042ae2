using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Chains;

namespace Vt.Stores.Platonic;

/// <summary>
/// A folder of ordinary files as a store: their blocks are known by name and read from them, nothing is copied. What is in no file is in another store
/// behind, the meta store: directories, indirect blocks, commits, references, and whatever is added. vt-platonic(5) has the formats,
/// doc/design/013-platonic.md the reasons.
/// </summary>
/// <remarks>
/// Thread-safe. Any number of processes may have it open; one at a time scans.
/// 1. Every block is hashed when it is read, and nobody sees one that is not what its name says: files change under the store at any time.
/// 2. What was added is in the meta store and stays, whatever becomes of the files. So does, from the next flush on, what this store said that it has: whoever
/// asked may have left it out for that.
/// 3. It never says that it is complete, and neither does the meta store from then on.
/// </remarks>
public sealed class PlatonicStore : ForwardingStore
{
    const int Together = 64;
    const int MostRelied = 1 << 16;
    const int EnumerationBatch = 256;

    readonly string _folder;
    readonly bool _isReadOnly;
    readonly WriteBoundary _boundary;

    // Guards the set: blocks of files that somebody was told are here.
    readonly Lock _reliedGate = new();
    readonly SemaphoreSlim _adopting = new(1);
    HashSet<BlockHash> _relied = [];

    PlatonicStore(IBlockStore meta, PlatonicOptions options)
        : base(meta)
    {
        _folder = options.Folder;
        _isReadOnly = options.IsReadOnly;
        _boundary = options.Boundary ?? WriteBoundary.FromEnvironment();
        Layout = new PlatonicLayout(options.State);
        Index = new PlaceIndex(Layout, meta.Hasher.Algorithm, _boundary);
        Suspects = new Suspects(Layout.Suspects);
    }

    /// <inheritdoc/>
    public override string Description => $"platonic {_folder}";

    /// <summary>No: files change.</summary>
    public override bool IsComplete => false;

    /// <summary>What lies where beside the files.</summary>
    public PlatonicLayout Layout { get; }

    /// <summary>The folder.</summary>
    public string Folder => _folder;

    internal PlaceIndex Index { get; }

    internal Suspects Suspects { get; }

    internal WriteBoundary Boundary => _boundary;

    internal IBlockStore Meta => Inner;

    /// <summary>Opens one.</summary>
    /// <param name="meta">The store of what is in no file; disposed with this one, also where this fails.</param>
    /// <param name="options">Which folder, and how.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">The meta store says that it is complete and can't be told otherwise.</exception>
    /// <exception cref="StoreUnavailableException">The index can't be read, or the state folder not be made.</exception>
    public static async Task<PlatonicStore> OpenAsync(IBlockStore meta, PlatonicOptions options, CancellationToken cancellationToken = default)
    {
        try
        {
            if (!options.IsReadOnly)
                await PrepareAsync(meta, options, cancellationToken);
            return new PlatonicStore(meta, options);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            await meta.DisposeAsync();
            throw new StoreUnavailableException($"platonic {options.Folder}", failed.Message, isTransient: false, failed);
        }
        catch
        {
            await meta.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        await Inner.ContainsManyAsync(hashes, present, cancellationToken);
        if (!present.Span[..hashes.Length].Contains(false))
            return;
        if (!AskFiles(hashes.Span, present.Span) && Refresh())
            AskFiles(hashes.Span, present.Span);
        if (Relied > MostRelied)
            await AdoptAsync(MostRelied, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var leases = new BlockLease[1];
        await GetManyAsync(new[] { hash }, leases, cancellationToken);
        return leases[0];
    }

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        blocks.Span[..hashes.Length].Clear();
        try
        {
            using (var files = new FileBlocks(_folder, Hasher, Suspects))
            {
                ReadFiles(files, hashes.Span, blocks.Span);
                await ReadMetaAsync(hashes, blocks, cancellationToken);
                if (IsAnyAbsent(blocks.Span[..hashes.Length]) && Refresh())
                    ReadFiles(files, hashes.Span, blocks.Span);
                if (IsAnyAbsent(blocks.Span[..hashes.Length]))
                    ThrowIfUnknown(files, hashes.Span, blocks.Span);
            }
        }
        catch
        {
            Release(blocks[..hashes.Length]);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await AdoptAsync(0, cancellationToken);
        await Inner.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<BlockHash> EnumerateAsync(
        BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Refresh();
        ThrowIfDamaged();
        using var files = new FileBlocks(_folder, Hasher, Suspects);
        using var indexed = new PlaceListing(Index.Set, files, after, Hasher.Algorithm).GetEnumerator();
        var isMore = MoveNext(indexed);
        await foreach (var hash in base.EnumerateAsync(after, cancellationToken))
        {
            while (isMore && indexed.Current.CompareTo(hash) < 0)
            {
                yield return indexed.Current;
                isMore = MoveNext(indexed);
            }

            if (isMore && indexed.Current == hash)
                isMore = MoveNext(indexed);
            yield return hash;
        }

        for (var count = 1; isMore; isMore = MoveNext(indexed), count++)
        {
            yield return indexed.Current;
            if (count % EnumerationBatch == 0)
                cancellationToken.ThrowIfCancellationRequested();
        }

        if (files.Failure is { } failure)
            throw Unavailable(failure);
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var isNoted = Has<IDamageNotes>() && await base.NoteDamageAsync(hash, cancellationToken);
        using var files = new FileBlocks(_folder, Hasher, Suspects);
        foreach (var (index, place) in Find(hash) ?? [])
        {
            using var lease = files.Read(index, place, hash);
            if (lease.IsPresent)
                return false;
            isNoted |= Suspects.Note(index.PathAt((int)place.File));
        }

        return isNoted;
    }

    /// <summary>Starts a scan, unless another process scans.</summary>
    /// <returns>The scan; null where another one is under way.</returns>
    /// <exception cref="StoreUnavailableException">The state folder can't be written.</exception>
    public PlatonicScan? TryStartScan()
    {
        if (_isReadOnly)
            throw new StoreUnavailableException(Description, "it was opened for reading only");
        return PlatonicScan.TryStart(this);
    }

    /// <summary>How much is indexed.</summary>
    public PlatonicFigures GetFigures()
    {
        Refresh();
        var (files, bytes, places) = Index.Set.Count();
        return new PlatonicFigures(files, bytes, places, Suspects.Count, Index.Set.Tree is not null && Index.Set.Fault is null);
    }

    /// <summary>Files that are to be read again although they look unchanged, by path, that any process has noted and no scan has taken.</summary>
    public IReadOnlyCollection<byte[]> ReadSuspects() => Suspects.Look();

    internal StoreUnavailableException Unavailable(Exception cause) => new(Description, cause.Message, isTransient: true, cause);

    internal StoreUnavailableException Damaged(FormatInvalidException fault)
    {
        PlaceIndex.Condemn(fault);
        return new StoreUnavailableException(Description, $"its index is damaged: {fault.Message}; vt platonic scan makes it anew", isTransient: false, fault);
    }

    static async Task PrepareAsync(IBlockStore meta, PlatonicOptions options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.State);
        if (meta.IsComplete && meta is IPartialStore partial)
            await partial.MarkPartialAsync(cancellationToken);
        if (meta.IsComplete)
            throw new UserErrorException($"{meta.Description} can't be the meta store of {options.Folder}: it can't be told that what its trees refer to lies elsewhere");
    }

    bool MoveNext(IEnumerator<BlockHash> indexed)
    {
        try
        {
            return indexed.MoveNext();
        }
        catch (FormatInvalidException fault)
        {
            throw Damaged(fault);
        }
    }

    List<(PlaceFile Index, FilePlace Place)>? Find(in BlockHash hash)
    {
        try
        {
            return hash.Algorithm == Hasher.Algorithm ? Index.Set.Find(hash) : null;
        }
        catch (FormatInvalidException fault)
        {
            throw Damaged(fault);
        }
    }

    bool Refresh()
    {
        try
        {
            return Index.Refresh();
        }
        catch (IOException failed)
        {
            throw Unavailable(failed);
        }
    }

    // Blocks of one file after each other, in the order of the file.
    void ReadFiles(FileBlocks files, ReadOnlySpan<BlockHash> hashes, Span<BlockLease> blocks)
    {
        var wanted = new List<(int At, int Choice, List<(PlaceFile Index, FilePlace Place)> Places)>();
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!blocks[i].IsPresent && Find(hashes[i]) is { } places)
                wanted.Add((i, 0, places));
        }

        if (wanted.Count > 1)
            wanted.Sort(static (a, b) => Order(a.Places[0].Place, b.Places[0].Place));
        foreach (var (at, _, places) in wanted)
        {
            foreach (var (index, place) in places)
            {
                blocks[at] = files.Read(index, place, hashes[at]);
                if (blocks[at].IsPresent)
                    break;
            }
        }
    }

    static int Order(in FilePlace a, in FilePlace b) => a.File != b.File ? a.File.CompareTo(b.File) : a.Offset.CompareTo(b.Offset);

    async ValueTask ReadMetaAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken)
    {
        var absent = new List<int>();
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!blocks.Span[i].IsPresent)
                absent.Add(i);
        }

        if (absent.Count == 0)
            return;
        var leases = new BlockLease[absent.Count];
        await Inner.GetManyAsync(absent.ConvertAll(i => hashes.Span[i]).ToArray(), leases, cancellationToken);
        for (var i = 0; i < leases.Length; i++)
            blocks.Span[absent[i]] = leases[i];
        foreach (var i in absent)
        {
            if (blocks.Span[i].IsPresent && LeaseCheck.FaultOf(Hasher, Inner, hashes.Span[i], blocks.Span[i]) is { } fault)
                throw fault;
        }
    }

    // A block that is indexed in a file that can't be looked at is not missing, nor is one that a damaged index may have.
    void ThrowIfUnknown(FileBlocks files, ReadOnlySpan<BlockHash> hashes, ReadOnlySpan<BlockLease> blocks)
    {
        ThrowIfDamaged();
        for (var i = 0; files.Failure is { } failure && i < hashes.Length; i++)
        {
            if (!blocks[i].IsPresent && Find(hashes[i]) is not null)
                throw Unavailable(failure);
        }
    }

    void ThrowIfDamaged()
    {
        if (Index.Set.Fault is { } fault)
            throw Damaged(fault);
    }

    // Whether all are there, as far as files can tell; what somebody is told is here is kept by the next flush.
    bool AskFiles(ReadOnlySpan<BlockHash> hashes, Span<bool> present)
    {
        using var files = new FileBlocks(_folder, Hasher, Suspects);
        var known = new Dictionary<(PlaceFile, uint), bool>();
        var isAll = true;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (present[i])
                continue;
            foreach (var (index, place) in Find(hashes[i]) ?? [])
            {
                if (!known.TryGetValue((index, place.File), out var isUnchanged))
                    known.Add((index, place.File), isUnchanged = files.IsUnchanged(index, place.File));
                present[i] |= isUnchanged;
            }

            if (present[i] && !_isReadOnly)
                Rely(hashes[i]);
            isAll &= present[i];
        }

        return isAll;
    }

    int Relied
    {
        get
        {
            lock (_reliedGate)
                return _relied.Count;
        }
    }

    void Rely(in BlockHash hash)
    {
        lock (_reliedGate)
            _relied.Add(hash);
    }

    // One at a time: who flushes while another one copies what both rely on has to wait for that.
    async ValueTask AdoptAsync(int most, CancellationToken cancellationToken)
    {
        await _adopting.WaitAsync(cancellationToken);
        try
        {
            HashSet<BlockHash> relied;
            lock (_reliedGate)
            {
                if (_relied.Count <= most)
                    return;
                relied = _relied;
                _relied = [];
            }

            await AdoptAllAsync(relied, cancellationToken);
        }
        finally
        {
            _adopting.Release();
        }
    }

    async ValueTask AdoptAllAsync(HashSet<BlockHash> relied, CancellationToken cancellationToken)
    {
        var isDone = false;
        try
        {
            foreach (var some in relied.Chunk(Together))
                await AdoptAsync(some, cancellationToken);
            isDone = true;
        }
        finally
        {
            if (!isDone)
                RelyAgain(relied);
        }
    }

    void RelyAgain(HashSet<BlockHash> relied)
    {
        lock (_reliedGate)
            _relied.UnionWith(relied);
    }

    async ValueTask AdoptAsync(BlockHash[] hashes, CancellationToken cancellationToken)
    {
        var leases = new BlockLease[hashes.Length];
        await GetManyAsync(hashes, leases, cancellationToken);
        try
        {
            for (var i = 0; i < hashes.Length; i++)
            {
                if (!leases[i].IsPresent)
                    throw new StoreUnavailableException(Description, $"block {hashes[i]}, which was in a file, is in none any more: what refers to it has to be added again", isTransient: true);
                await Inner.AddManyAsync(leases[i].Memory, new[] { new BlockSlot(hashes[i], 0, leases[i].Memory.Length) }, cancellationToken);
            }
        }
        finally
        {
            Release(leases);
        }
    }

    static bool IsAnyAbsent(ReadOnlySpan<BlockLease> blocks)
    {
        foreach (ref readonly var block in blocks)
        {
            if (!block.IsPresent)
                return true;
        }

        return false;
    }

    static void Release(Memory<BlockLease> blocks)
    {
        foreach (ref var block in blocks.Span)
        {
            block.Dispose();
            block = default;
        }
    }
}
