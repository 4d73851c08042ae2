using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Index;

/// <summary>A block's name and where it lies.</summary>
/// <param name="Hash">The name.</param>
/// <param name="Location">The place.</param>
readonly record struct IndexedBlock(BlockHash Hash, BlockLocation Location);
