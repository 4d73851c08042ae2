using Vt.Blocks.Hashing;

namespace Vt.Blocks.Contracts;

/// <summary>A block that is offered to a store: its name and where its bytes lie in the batch's buffer.</summary>
/// <param name="Hash">The name. The caller vouches that the bytes hash to it; whoever takes blocks from outside checks first.</param>
/// <param name="Offset">Where the block starts in the buffer, in bytes.</param>
/// <param name="Length">How long it is, in bytes, from 0 to <see cref="Chunking.ChunkingParameters.LargestBlock"/>.</param>
/// <param name="Content">What the block is for.</param>
public readonly record struct BlockSlot(BlockHash Hash, int Offset, int Length, BlockContent Content = BlockContent.Data);
