using Vt.Blocks.Hashing;

namespace Vt.Blocks.Contracts;

/// <summary>A block is stored but its bytes are not those that its name stands for.</summary>
/// <param name="hash">The block's name.</param>
/// <param name="where">The file and offset, or the remote object, that holds the bytes.</param>
/// <param name="what">What is wrong with them.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class BlockCorruptException(BlockHash hash, string where, string what, Exception? inner = null)
    : Exception($"block {hash} is damaged in {where}: {what}", inner)
{
    /// <summary>The block's name.</summary>
    public BlockHash Hash { get; } = hash;

    /// <summary>The file and offset, or the remote object, that holds the bytes.</summary>
    public string Where { get; } = where;
}
