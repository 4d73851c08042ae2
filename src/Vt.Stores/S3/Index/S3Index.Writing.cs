using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Vt.Stores.S3.Access;

namespace Vt.Stores.S3.Index;

/// <summary>Writing index objects, and merging them in tiers so that opening reads few.</summary>
sealed partial class S3Index
{
    // A run in memory is put together in one array; larger ones are left as they are.
    const long LargestMerge = 16 << 20;

    // Merging runs of this size with smaller ones would write far more than was added.
    const long SmallestRun = 512;

    /// <summary>Writes one index object of all packs that were uploaded and stand in none. When it is there, they are durable.</summary>
    /// <returns>Whether there were any.</returns>
    public async Task<bool> CommitAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_pending.Count == 0)
                return false;
            var packs = _pending.ToArray();
            var bytes = packs.Length == 1 ? packs[0].Contents : Combine([.. packs.Select(static pack => pack.Run)], cancellationToken);
            var index = await WriteAsync(PackId.Create(), [], packs.Sum(static pack => pack.Length), bytes, cancellationToken);
            _loaded.Add(index.Id, index);
            _pending.RemoveRange(0, packs.Length);
            Swap();
            foreach (var pack in packs)
                pack.Run.Release();
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Merges index objects where a level has enough of them, and deletes those that were merged long ago.</summary>
    public async Task MergeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            List<LoadedIndex> inputs;
            await _changing.WaitAsync(cancellationToken);
            try
            {
                inputs = ChooseMerge();
                foreach (var input in inputs)
                    input.Run.Acquire();
            }
            finally
            {
                _changing.Release();
            }

            if (inputs.Count == 0)
                return;
            try
            {
                await MergeAsync(inputs, cancellationToken);
            }
            finally
            {
                foreach (var input in inputs)
                    input.Run.Release();
            }
        }
    }

    async Task MergeAsync(List<LoadedIndex> inputs, CancellationToken cancellationToken)
    {
        // The name follows from what is merged: two that merge the same at once write the same object.
        inputs.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        using var names = HashAlgorithms.GetHasher(HashAlgorithms.Default).StartStreaming();
        var bytes = new byte[PackId.Length];
        foreach (var input in inputs)
        {
            input.Id.Write(bytes);
            names.Append(bytes);
        }

        var rows = await _bucket.ListAsync(S3Layout.Index, cancellationToken);
        var present = new Dictionary<PackId, ListedObject>();
        foreach (var row in rows)
        {
            if (S3Layout.TryParseIndexName(row.Key[S3Layout.Index.Length..], out _, out var id))
                present[id] = row;
        }

        var replaced = inputs.ToDictionary(static input => input.Id, static _ => 0L);
        foreach (var input in inputs)
        {
            // What is gone already need not be named any more.
            foreach (var older in input.Head.Replaced)
            {
                if (present.ContainsKey(older.Id) && replaced.Count < IndexHead.MostReplaced)
                    replaced[older.Id] = SinceOf(older, input, present);
            }
        }

        var run = Combine([.. inputs.Select(static input => input.Run)], cancellationToken);
        var merged = await WriteAsync(
            PackId.Read(names.Current().Digest), [.. replaced.Select(static one => new ReplacedIndex(one.Key, one.Value))], inputs.Sum(static input => input.Head.StoredBytes), run, cancellationToken);
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_loaded.TryGetValue(merged.Id, out var same))
            {
                _loaded.Remove(same.Id);
                same.Run.Release();
            }

            Adopt([merged], [.. replaced.Keys]);
        }
        finally
        {
            _changing.Release();
        }

        await DeleteReplacedAsync(present, cancellationToken);
    }

    /// <summary>Deletes what has been replaced for long enough, by the server's clock alone.</summary>
    async Task DeleteReplacedAsync(Dictionary<PackId, ListedObject> present, CancellationToken cancellationToken)
    {
        if (present.Count == 0)
            return;
        var now = present.Values.Max(static row => row.Modified);
        var old = new HashSet<PackId>();
        await _changing.WaitAsync(cancellationToken);
        try
        {
            foreach (var index in _loaded.Values)
            {
                foreach (var one in index.Head.Replaced)
                {
                    if (SinceOf(one, index, present) is > 0 and var since && now.ToUnixTimeSeconds() - since >= _grace.TotalSeconds)
                        old.Add(one.Id);
                }
            }

            old.ExceptWith(_loaded.Keys);
        }
        finally
        {
            _changing.Release();
        }

        foreach (var id in old)
        {
            if (present.TryGetValue(id, out var row))
            {
                await _bucket.DeleteAsync(row.Key, cancellationToken);
                _cache.Remove(row.Key[S3Layout.Index.Length..]);
            }
        }
    }

    // 0 where nothing is known: the object that says so was written just now.
    static long SinceOf(in ReplacedIndex one, LoadedIndex by, Dictionary<PackId, ListedObject> present) =>
        one.Since > 0 ? one.Since : present.TryGetValue(by.Id, out var row) ? row.Modified.ToUnixTimeSeconds() : 0;

    /// <summary>The level of a run of so many entries: eight of a level become one of the next or of the same.</summary>
    static int LevelOf(long count) => count < SmallestRun ? 0 : 1 + MergePolicy.LevelOf(count);

    /// <summary>The objects to merge now: all of the lowest level that has enough of them.</summary>
    List<LoadedIndex> ChooseMerge()
    {
        foreach (var level in _loaded.Values.GroupBy(static index => LevelOf(index.Run.Count)).OrderBy(static group => group.Key))
        {
            var chosen = level.ToList();
            if (chosen.Count >= MergePolicy.Fan && chosen.Sum(static index => index.Run.Count) <= LargestMerge)
                return chosen;
        }

        return [];
    }

    async Task<LoadedIndex> WriteAsync(PackId id, IReadOnlyList<ReplacedIndex> replaced, long storedBytes, byte[] run, CancellationToken cancellationToken)
    {
        var head = new IndexHead(_store, replaced, storedBytes, run.Length);
        var bytes = new byte[head.ObjectLength];
        head.ToBytes().CopyTo(bytes, 0);
        run.CopyTo(bytes, head.Length);
        var opened = Run.Open(run, _algorithm, $"{S3Layout.Index}{id}");
        var level = replaced.Count > 0 ? 1 + LevelOf(opened.Count) : 0;
        var name = S3Layout.IndexName(level, id);
        try
        {
            await _bucket.PutAsync(S3Layout.Index + name, bytes, isBulk: false, cancellationToken);
        }
        catch
        {
            opened.Release();
            throw;
        }

        // A small one stays in memory: it will be merged soon, and a file for each flush is a file too many.
        if (LevelOf(opened.Count) > 1 && _cache.TryWrite(name, bytes) && TryOpenCopy(id, level, name, bytes.Length) is { } copy)
        {
            opened.Release();
            return copy;
        }

        return new LoadedIndex(id, name, level, head, opened);
    }
}
