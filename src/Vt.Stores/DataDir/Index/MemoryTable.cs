using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// The blocks that this process has stored in packs that are not closed yet, or is storing. A block is claimed before it is
/// stored, so that of many threads with the same block one stores it.
/// </summary>
/// <remarks>
/// Thread-safe: <see cref="Shards"/> open-addressed tables with a lock each. Entries leave when their pack's table of contents has
/// become a run: first <see cref="BlockIndex.AddPackRun"/>, then <see cref="RemovePack"/>; who asks the table first and the index
/// second finds every block at any moment. Memory is 56 bytes a slot at a load of at most 3/4: packs' sizes bound it.
/// </remarks>
sealed class MemoryTable
{
    /// <summary>How many locks; a power of two.</summary>
    const int Shards = 64;

    readonly MemoryShard[] _shards;
    readonly HashAlgorithmId _algorithm;

    /// <summary>Makes an empty table.</summary>
    /// <param name="algorithm">The algorithm of the digests.</param>
    public MemoryTable(HashAlgorithmId algorithm)
    {
        _algorithm = algorithm;
        _shards = new MemoryShard[Shards];
        for (var i = 0; i < Shards; i++)
            _shards[i] = new MemoryShard();
    }

    /// <summary>How many blocks are located or claimed.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>Claims a block, unless it is here.</summary>
    /// <param name="hash">The block.</param>
    /// <param name="location">Its place, when it is located.</param>
    public ClaimOutcome Claim(in BlockHash hash, out BlockLocation location)
    {
        var key = KeyOf(hash);
        return ShardOf(key).Claim(key, out location);
    }

    /// <summary>Says where a claimed block lies now, or where any block lies.</summary>
    public void Locate(in BlockHash hash, in BlockLocation location)
    {
        var key = KeyOf(hash);
        ShardOf(key).Locate(key, location);
    }

    /// <summary>Gives up a claim: the block could not be stored, or lies elsewhere. Does nothing to a located block.</summary>
    /// <returns>Whether there was a claim.</returns>
    public bool Release(in BlockHash hash)
    {
        var key = KeyOf(hash);
        return ShardOf(key).Release(key);
    }

    /// <summary>Looks up a block.</summary>
    /// <param name="hash">The block.</param>
    /// <param name="location">Its place, when it is located.</param>
    /// <returns><see cref="ClaimOutcome.Located"/>, <see cref="ClaimOutcome.Pending"/>, or null when it isn't here.</returns>
    public ClaimOutcome? Find(in BlockHash hash, out BlockLocation location)
    {
        location = default;
        if (hash.Algorithm != _algorithm)
            return null;
        var key = BlockKey.Of(hash);
        return ShardOf(key).Find(key, out location);
    }

    /// <summary>Fills in the places of those blocks that are located here; other places are left alone.</summary>
    /// <returns>How many were filled in.</returns>
    public int FindMany(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations)
    {
        var found = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (locations[i].IsNone && Find(hashes[i], out var location) == ClaimOutcome.Located)
            {
                locations[i] = location;
                found++;
            }
        }

        return found;
    }

    /// <summary>Forgets the blocks that lie in a pack, since the index answers for them.</summary>
    /// <param name="pack">The pack's slot.</param>
    public void RemovePack(uint pack)
    {
        foreach (var shard in _shards)
            shard.RemovePack(pack);
    }

    /// <summary>All located blocks, in no order: a copy of one shard at a time.</summary>
    public IEnumerable<IndexedBlock> Enumerate()
    {
        foreach (var shard in _shards)
        {
            foreach (var entry in shard.Located())
                yield return new IndexedBlock(entry.Key.ToHash(_algorithm), entry.Location);
        }
    }

    BlockKey KeyOf(in BlockHash hash) => hash.Algorithm == _algorithm
        ? BlockKey.Of(hash)
        : throw new ArgumentException($"{hash} is not a {HashAlgorithms.NameOf(_algorithm)} hash", nameof(hash));

    MemoryShard ShardOf(in BlockKey key) => _shards[key.D & (Shards - 1)];
}
