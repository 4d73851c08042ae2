using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Import;

/// <summary>
/// Adds to another store that has damage, and takes no block for known before it was read. Blocks lie together: one that is noted as damaged
/// had neighbours, which the store takes for sound until somebody reads them. Who reads a damaged block makes the store note it, and then it
/// is stored again.
/// </summary>
/// <param name="inner">The other store; not disposed.</param>
sealed class ProvingStore(IBlockStore inner) : DelegatingStore(inner)
{
    /// <summary>How many blocks are read at once; they are of one batch, so of few frames.</summary>
    const int Together = 64;

    public override async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        var hashes = new BlockHash[blocks.Length];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = blocks.Span[i].Hash;
        var present = new bool[hashes.Length];
        await Inner.ContainsManyAsync(hashes, present, cancellationToken);
        var known = hashes.Where((_, i) => present[i]).ToArray();
        foreach (var some in known.Chunk(Together))
        {
            if (!await TryReadAsync(some, cancellationToken))
            {
                foreach (var hash in some)
                    await TryReadAsync([hash], cancellationToken);
            }
        }

        return await Inner.AddManyAsync(buffer, blocks, cancellationToken);
    }

    async ValueTask<bool> TryReadAsync(BlockHash[] hashes, CancellationToken cancellationToken)
    {
        var leases = new BlockLease[hashes.Length];
        try
        {
            await Inner.GetManyAsync(hashes, leases, cancellationToken);
        }
        catch (BlockCorruptException)
        {
            return false;
        }

        foreach (var lease in leases)
            lease.Dispose();
        return true;
    }
}
