using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Chains;

/// <summary>Hashes what another store gave: a chain passes nothing on that it has not checked, however careless the store was.</summary>
static class LeaseCheck
{
    /// <summary>What is wrong with a block; null where nothing is.</summary>
    /// <param name="hasher">Names blocks.</param>
    /// <param name="store">Who gave it.</param>
    /// <param name="hash">Its name.</param>
    /// <param name="lease">Its bytes.</param>
    public static BlockCorruptException? FaultOf(BlockHasher hasher, IBlockStore store, in BlockHash hash, in BlockLease lease)
    {
        var name = hasher.Hash(lease.Span);
        return name == hash ? null : new BlockCorruptException(hash, store.Description, $"its {lease.Memory.Length} bytes hash to {name}");
    }
}
