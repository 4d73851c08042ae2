using Vt.Blocks.Hashing;
using Vt.Trees.Meta;

namespace Vt.Volumes.Work;

/// <summary>Where this machine's tree of a branch comes from.</summary>
/// <param name="Base">The commit; null where the branch had none.</param>
/// <param name="Target">
/// The commit that the tree and the branch are about to get, in this order; null where nothing was begun. Whoever finds one moves the branch if the tree has got there, and
/// forgets it otherwise.
/// </param>
/// <param name="Merged">The commit that was merged into the tree with conflicts, and that is a parent of the next commit; null where none was.</param>
/// <param name="Begun">When the target was written: a state of the archive from then on that is the target's says that the tree has got there.</param>
public readonly record struct TreeOrigin(BlockHash? Base, BlockHash? Target = null, BlockHash? Merged = null, Timestamp Begun = default);
