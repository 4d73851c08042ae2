using Vt.Blocks.Contracts;

namespace Vt.Blocks.BlockTree;

/// <summary>Checks of blocks that hold content.</summary>
static class LeafBlock
{
    /// <summary>Checks that a block is there and as long as its reference says.</summary>
    /// <exception cref="BlockMissingException">It is not there.</exception>
    /// <exception cref="BlockCorruptException">It has another length.</exception>
    public static void Check(IBlockStore store, in BlockRef leaf, in BlockLease block)
    {
        if (!block.IsPresent)
            throw new BlockMissingException(leaf.Hash, store.Description);
        if (block.Memory.Length != leaf.Span)
        {
            throw new BlockCorruptException(
                leaf.Hash, store.Description, $"it has {block.Memory.Length} bytes where its reference says {leaf.Span}");
        }
    }
}
