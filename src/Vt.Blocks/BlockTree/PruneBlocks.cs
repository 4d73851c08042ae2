using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Decides which blocks a walk leaves out, with all that is below them. <see cref="Contracts.IBlockStore.ContainsManyAsync"/> of a
/// complete store is one: it leaves out what that store has.
/// </summary>
/// <param name="hashes">The blocks' names.</param>
/// <param name="leaveOut">Receives an answer for each.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask PruneBlocks(ReadOnlyMemory<BlockHash> hashes, Memory<bool> leaveOut, CancellationToken cancellationToken);
