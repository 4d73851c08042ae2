using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.S3.Index;

/// <summary>Finding out what other writers have added, and replacing what is damaged.</summary>
sealed partial class S3Index
{
    const int MostListings = 5;

    /// <summary>Lists the index objects and reads those that are new, unless somebody else has begun to since a moment.</summary>
    /// <param name="since">The clock's count at that moment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="known">What <see cref="Known"/> was when a block was looked for in vain: somebody else may have taken it in between. Null for what it is now.</param>
    /// <returns>Whether there was anything new.</returns>
    /// <exception cref="StoreUnavailableException">The listing or an object can't be read.</exception>
    public async Task<bool> RefreshAsync(long since, CancellationToken cancellationToken, object? known = null)
    {
        var before = known ?? _set;
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (ListedAt >= since)
                return before != _set;
            for (var i = 0; ; i++)
            {
                var now = _bucket.Clock.GetTimestamp();
                var rows = await _bucket.ListAsync(S3Layout.Index, cancellationToken);
                if (await TakeAsync(rows, cancellationToken))
                {
                    Interlocked.Exchange(ref _listedAt, now);
                    return before != _set;
                }

                // One was merged away between the listing and its reading; the next listing has what replaces it.
                if (i == MostListings)
                    throw new StoreUnavailableException(_bucket.Description, "the index objects change faster than they can be read", isTransient: true);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Replaces a run that proved damaged: by its object once more, or by what the packs themselves say.</summary>
    /// <exception cref="StoreUnavailableException">Neither can be read.</exception>
    public async Task MendAsync(IndexDamageException damage, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var damaged = _loaded.Values.FirstOrDefault(index => index.Run == damage.Run);
            if (damaged is null)
            {
                if (_pending.Exists(pack => pack.Run == damage.Run))
                    throw new StoreUnavailableException(_bucket.Description, $"the memory of this machine is damaged: {damage.Message}", isTransient: false, damage);
                return;
            }

            _cache.Remove(damaged.Name);
            _loaded.Remove(damaged.Id);
            var sound = await FetchAsync(damaged.Id, damaged.Level, damaged.Name, isMending: true, cancellationToken)
                ?? await RebuildAsync(damaged.Id, damaged.Level, damaged.Name, cancellationToken);
            _loaded.Add(sound.Id, sound);
            Swap();
            damaged.Run.Release();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Takes in what a listing has and this process hasn't: the highest levels first and the newest of each, in waves that grow, since each may say that many others need not be read.
    /// </summary>
    /// <returns>False where an object is gone already.</returns>
    async Task<bool> TakeAsync(List<Access.ListedObject> rows, CancellationToken cancellationToken)
    {
        var wanted = new List<(int Level, PackId Id, string Name, Access.ListedObject Row)>();
        foreach (var row in rows)
        {
            var name = row.Key[S3Layout.Index.Length..];
            if (S3Layout.TryParseIndexName(name, out var level, out var id) && !_loaded.ContainsKey(id))
                wanted.Add((level, id, name, row));
        }

        wanted.Sort(static (a, b) => a.Level != b.Level ? b.Level.CompareTo(a.Level) : b.Row.Modified.CompareTo(a.Row.Modified));
        var replaced = new HashSet<PackId>(_loaded.Values.SelectMany(static index => index.Head.Replaced).Select(static one => one.Id));
        var added = new List<LoadedIndex>();
        try
        {
            var next = 0;
            for (var wave = 1; next < wanted.Count; wave = Math.Min(wave * 2, _parallel))
            {
                var loads = new List<Task<LoadedIndex?>>();
                for (; next < wanted.Count && loads.Count < wave; next++)
                {
                    var (level, id, name, row) = wanted[next];
                    if (!replaced.Contains(id))
                        loads.Add(LoadAsync(level, id, name, row.Length, cancellationToken));
                }

                if (!await TakeAsync(loads, added))
                    return false;
                replaced.UnionWith(added.SelectMany(static index => index.Head.Replaced).Select(static one => one.Id));
            }

            Adopt(added, replaced);
            added.Clear();
            return true;
        }
        finally
        {
            foreach (var index in added)
                index.Run.Release();
        }
    }

    /// <summary>Waits for all of a wave, also where one fails: what was opened has to be known.</summary>
    static async Task<bool> TakeAsync(List<Task<LoadedIndex?>> loads, List<LoadedIndex> added)
    {
        try
        {
            await Task.WhenAll(loads);
        }
        finally
        {
            added.AddRange(loads.Where(static load => load.IsCompletedSuccessfully && load.Result is not null).Select(static load => load.Result!));
        }

        return loads.TrueForAll(static load => load.Result is not null);
    }

    void Adopt(List<LoadedIndex> added, HashSet<PackId> replaced)
    {
        var gone = new List<LoadedIndex>();
        foreach (var index in added)
            _loaded.Add(index.Id, index);
        foreach (var index in _loaded.Values.Where(index => replaced.Contains(index.Id)).ToList())
        {
            _loaded.Remove(index.Id);
            gone.Add(index);
        }

        if (added.Count + gone.Count == 0)
            return;
        Swap();
        foreach (var index in gone)
            index.Run.Release();
        if (added.Count > 0)
            _cache.Trim(_loaded.Values.Select(static index => index.Name).ToHashSet());
    }

    async Task<LoadedIndex?> LoadAsync(int level, PackId id, string name, long length, CancellationToken cancellationToken)
    {
        if (_cache.Has(name, length) && TryOpenCopy(id, level, name, length) is { } copy)
            return copy;
        try
        {
            return await FetchAsync(id, level, name, isMending: false, cancellationToken);
        }
        catch (FormatInvalidException)
        {
            return await RebuildAsync(id, level, name, cancellationToken);
        }
    }

    LoadedIndex? TryOpenCopy(PackId id, int level, string name, long length)
    {
        var path = _cache.PathOf(name);
        try
        {
            using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
            var bytes = new byte[IndexHead.FixedSize];
            PosixFile.PreadFully(file, bytes, 0);
            bytes = new byte[Math.Min(length, IndexHead.ClaimedLength(bytes))];
            PosixFile.PreadFully(file, bytes, 0);
            var head = IndexHead.Read(bytes, _store, length);
            return new LoadedIndex(id, name, level, head, Run.Open(new RunPlace(path, head.Length, head.RunLength), _algorithm, isPackRun: false));
        }
        catch (Exception fault) when (fault is FormatInvalidException or IOException)
        {
            _cache.Remove(name);
            return null;
        }
    }

    /// <summary>Reads an object from the server, keeps a copy and opens that.</summary>
    /// <param name="id">The object's id.</param>
    /// <param name="level">Its level.</param>
    /// <param name="name">Its name.</param>
    /// <param name="isMending">Whether all of it is checked now, and damage is no exception but null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where there is no such object.</returns>
    /// <exception cref="FormatInvalidException">It is damaged at the server.</exception>
    async Task<LoadedIndex?> FetchAsync(PackId id, int level, string name, bool isMending, CancellationToken cancellationToken)
    {
        if (await _bucket.TryGetAsync(S3Layout.Index + name, cancellationToken) is not { } found)
            return null;
        try
        {
            var head = IndexHead.Read(found.Bytes, _store, found.Bytes.Length);
            var run = Run.Open(found.Bytes.AsSpan(head.Length).ToArray(), _algorithm, S3Layout.Index + name);
            if (isMending)
                run.Verify(cancellationToken);
            if (_cache.TryWrite(name, found.Bytes) && TryOpenCopy(id, level, name, found.Bytes.Length) is { } copy)
            {
                run.Release();
                return copy;
            }

            return new LoadedIndex(id, name, level, head, run);
        }
        catch (FormatInvalidException) when (isMending)
        {
            return null;
        }
    }
}
