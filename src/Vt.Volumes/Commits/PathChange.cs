using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;

namespace Vt.Volumes.Commits;

/// <summary>A commit in which a path is another than in the commit before.</summary>
/// <param name="Id">The commit's name.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Before">What was there before; null where nothing was.</param>
/// <param name="After">What is there; null where nothing is.</param>
public sealed record PathChange(BlockHash Id, Commit Commit, Dirent? Before, Dirent? After);
