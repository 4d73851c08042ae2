using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir.Reading;

/// <summary>Finds where blocks lie: among the fresh ones first, then in the index. Thread-safe.</summary>
/// <param name="table">The fresh blocks.</param>
/// <param name="index">The blocks of closed packs.</param>
/// <param name="registry">The packs.</param>
/// <param name="damaged">The blocks that failed their check.</param>
sealed class BlockFinder(MemoryTable table, BlockIndex index, PackRegistry registry, DamagedList damaged)
{
    /// <summary>Looks up blocks, wherever they lie.</summary>
    /// <param name="hashes">The names.</param>
    /// <param name="locations">As many places; those that are none yet are looked up.</param>
    public void FindAny(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations)
    {
        table.FindMany(hashes, locations);
        index.FindMany(hashes, locations);
    }

    /// <summary>Looks up blocks that can be relied on: not those that are damaged or lie in packs that can't be relied on, so that they are stored again.</summary>
    /// <returns>How many have no place.</returns>
    public int FindUsable(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations) => FindOutside(registry.Unreliable, hashes, locations);

    /// <summary>Looks up blocks that can be read: not those that are damaged or lie in missing packs.</summary>
    /// <returns>How many have no place.</returns>
    public int FindReadable(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations) => FindOutside(registry.Missing, hashes, locations);

    /// <summary>Whether a place can be relied on, as far as its pack goes.</summary>
    public bool IsReliable(in BlockLocation location) => IsOutside(registry.Unreliable, location);

    int FindOutside(IReadOnlySet<PackId> packs, ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations)
    {
        FindAny(hashes, locations);
        var none = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!locations[i].IsNone && (damaged.Contains(hashes[i]) || !TakeOutside(packs, hashes[i], ref locations[i])))
                locations[i] = default;
            none += locations[i].IsNone ? 1 : 0;
        }

        return none;
    }

    /// <summary>Whether a place lies outside of these packs; otherwise puts another copy's place in its stead, if there is one.</summary>
    bool TakeOutside(IReadOnlySet<PackId> packs, in BlockHash hash, ref BlockLocation location)
    {
        if (IsOutside(packs, location))
            return true;
        foreach (var other in index.FindAll(hash))
        {
            if (!IsOutside(packs, other))
                continue;
            location = other;
            return true;
        }

        return false;
    }

    bool IsOutside(IReadOnlySet<PackId> packs, in BlockLocation location) => packs.Count == 0 || !packs.Contains(index.PackAt(location.Pack));
}
