using Vt.Blocks.Hashing;

namespace Vt.Volumes.Work;

/// <summary>Where this machine's tree of a branch comes from.</summary>
/// <param name="Base">The commit; null where the branch had none.</param>
/// <param name="Target">The commit that the tree and the branch are about to get; null where nothing was begun. Whoever finds one finishes it.</param>
public readonly record struct TreeOrigin(BlockHash? Base, BlockHash? Target = null);
