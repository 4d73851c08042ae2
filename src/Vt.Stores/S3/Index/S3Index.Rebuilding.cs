using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.S3.Index;

/// <summary>Making the content of an index object from the packs' own tables of contents, where the object is damaged or gone.</summary>
sealed partial class S3Index
{
    // Most tables of contents fit.
    const int TailGuess = 128 << 10;

    /// <summary>
    /// Reads the tables of contents of all packs that no other index object lists. Packs of writers that died before they had an index object are among
    /// them; that is no harm, since a pack is uploaded only after those with what its blocks refer to.
    /// </summary>
    async Task<LoadedIndex> RebuildAsync(PackId id, int level, string name, CancellationToken cancellationToken)
    {
        var known = new HashSet<PackId>();
        foreach (var index in _loaded.Values)
        {
            foreach (ref readonly var pack in index.Run.Packs)
                known.Add(pack.Id);
        }

        known.UnionWith(_pending.Select(static pack => pack.Id));
        var rows = await _bucket.ListAsync(S3Layout.Packs, cancellationToken);
        var runs = new List<Run>();
        var stored = 0L;
        try
        {
            foreach (var row in rows)
            {
                var file = row.Key[S3Layout.Packs.Length..];
                if (!PackId.TryParse(Path.GetFileNameWithoutExtension(file), out var pack) || S3Layout.Pack(pack) != row.Key || known.Contains(pack))
                    continue;
                if (await TryReadContentsAsync(pack, row.Length, cancellationToken) is { } run)
                {
                    runs.Add(run);
                    stored += row.Length;
                }
            }

            var bytes = Combine(runs, cancellationToken);
            var head = new IndexHead(_store, [], stored, bytes.Length);
            return new LoadedIndex(id, name, level, head, Run.Open(bytes, _algorithm, S3Layout.Index + name));
        }
        finally
        {
            foreach (var run in runs)
                run.Release();
        }
    }

    /// <summary>Reads a pack's table of contents.</summary>
    /// <returns>Null where the pack is damaged at its end, or gone.</returns>
    async Task<Run?> TryReadContentsAsync(PackId pack, long length, CancellationToken cancellationToken)
    {
        var key = S3Layout.Pack(pack);
        try
        {
            var tail = new byte[Math.Min(length, TailGuess)];
            if (await _bucket.ReadRangeAsync(key, length - tail.Length, tail, cancellationToken) != tail.Length || tail.Length < PackTrailer.Size)
                return null;
            var trailer = PackTrailer.Read(tail.AsSpan(tail.Length - PackTrailer.Size), length);
            if (trailer.Id != pack || trailer.ContentsLength > int.MaxValue / 2)
                return null;
            var contents = new byte[trailer.ContentsLength];
            var start = trailer.ContentsOffset - (length - tail.Length);
            if (start >= 0)
                tail.AsSpan((int)start, contents.Length).CopyTo(contents);
            else if (await _bucket.ReadRangeAsync(key, trailer.ContentsOffset, contents, cancellationToken) != contents.Length)
                return null;
            return Run.Open(contents, _algorithm, key);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    /// <summary>One run of several.</summary>
    byte[] Combine(List<Run> runs, CancellationToken cancellationToken)
    {
        var output = new MemoryRunOutput();
        RunCombiner.Write(runs, new RunMerge([.. runs]), PacksOf(runs), output, _algorithm, cancellationToken);
        return output.ToArray();
    }

    static HashSet<PackId> PacksOf(IEnumerable<Run> runs)
    {
        var packs = new HashSet<PackId>();
        foreach (var run in runs)
        {
            foreach (ref readonly var pack in run.Packs)
                packs.Add(pack.Id);
        }

        return packs;
    }
}
