using System.Collections.Concurrent;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Vt.Stores.S3.Index;

namespace Vt.Stores.S3;

/// <summary>Finds blocks: in packs that are put together here, then in the index, and where that has none, after looking what others have added. Thread-safe.</summary>
/// <param name="table">The blocks of packs that are not uploaded.</param>
/// <param name="index">The others.</param>
/// <param name="refs">Tells when a reference was read last.</param>
/// <param name="clock">The clock.</param>
/// <param name="freshness">How old a listing may be.</param>
sealed class BlockFinder(MemoryTable table, S3Index index, Refs.S3References refs, TimeProvider clock, TimeSpan freshness)
{
    const int MostDamages = 64;

    readonly ConcurrentDictionary<BlockHash, byte> _damaged = new();

    /// <summary>Remembers that a block has no sound copy: it is stored again when somebody offers it.</summary>
    public void NoteDamage(in BlockHash hash) => _damaged.TryAdd(hash, 0);

    /// <summary>Forgets that, since the block was stored again.</summary>
    public void ForgetDamage(in BlockHash hash)
    {
        if (!_damaged.IsEmpty)
            _damaged.TryRemove(hash, out _);
    }

    /// <summary>Whether a block is noted.</summary>
    public bool IsDamaged(in BlockHash hash) => !_damaged.IsEmpty && _damaged.ContainsKey(hash);

    /// <summary>Looks blocks up in what is known here.</summary>
    /// <param name="hashes">The names.</param>
    /// <param name="locations">Filled in where they are none.</param>
    /// <param name="isForUse">Whether damaged blocks count as absent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many are none still.</returns>
    public async ValueTask<int> FindAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLocation> locations, bool isForUse, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return Find(hashes.Span, locations.Span, isForUse);
            }
            catch (IndexDamageException damage) when (i < MostDamages)
            {
                await index.MendAsync(damage, cancellationToken);
            }
        }
    }

    /// <summary>As <see cref="FindAsync"/>, and where some are none once more after looking what others have added, unless that was done just now.</summary>
    public async ValueTask<int> FindFreshAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLocation> locations, bool isForUse, CancellationToken cancellationToken)
    {
        var known = index.Known;
        var left = await FindAsync(hashes, locations, isForUse, cancellationToken);
        if (left == 0)
            return 0;

        // What a reference names was there when it was read; anything else may be seen a little later.
        var stale = clock.GetTimestamp() - (long)(freshness.TotalSeconds * clock.TimestampFrequency);
        return await index.RefreshAsync(Math.Max(stale, refs.LastRead), cancellationToken, known)
            ? await FindAsync(hashes, locations, isForUse, cancellationToken)
            : left;
    }

    /// <summary>Every place of a block in uploaded packs, the newest first.</summary>
    public async ValueTask<List<BlockLocation>> FindAllAsync(BlockHash hash, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return index.FindAll(hash);
            }
            catch (IndexDamageException damage) when (i < MostDamages)
            {
                await index.MendAsync(damage, cancellationToken);
            }
        }
    }

    int Find(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations, bool isForUse)
    {
        table.FindMany(hashes, locations);
        var left = index.FindMany(hashes, locations);
        if (!isForUse || _damaged.IsEmpty)
            return left;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!locations[i].IsNone && _damaged.ContainsKey(hashes[i]))
            {
                locations[i] = default;
                left++;
            }
        }

        return left;
    }
}
