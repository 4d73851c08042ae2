using Vt.Blocks.Hashing;

namespace Vt.Blocks.Contracts;

/// <summary>A block that is to be packed with others.</summary>
/// <param name="Hash">Its name.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="Content">What it is for.</param>
public readonly record struct PackedBlock(BlockHash Hash, int Length, BlockContent Content);
