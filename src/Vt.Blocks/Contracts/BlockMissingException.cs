using Vt.Blocks.Hashing;

namespace Vt.Blocks.Contracts;

/// <summary>A block that a tree refers to is not in the store.</summary>
/// <param name="hash">The block's name.</param>
/// <param name="where">The store that was asked.</param>
public sealed class BlockMissingException(BlockHash hash, string where) : Exception($"block {hash} is missing from {where}")
{
    /// <summary>The block's name.</summary>
    public BlockHash Hash { get; } = hash;
}
