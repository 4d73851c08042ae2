using Vt.Blocks.Hashing;

namespace Vt.Volumes.Work;

/// <summary>Where this machine's tree of a branch comes from.</summary>
/// <param name="Base">The commit; null where the branch had none.</param>
/// <param name="Target">The commit that the tree and the branch are about to get; null where nothing was begun. Whoever finds one finishes it.</param>
/// <param name="Merged">The commit that was merged into the tree with conflicts, and that is a parent of the next commit; null where none was.</param>
public readonly record struct TreeOrigin(BlockHash? Base, BlockHash? Target = null, BlockHash? Merged = null);
