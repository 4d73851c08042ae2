using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Chains;

/// <summary>What the stores of a chain have to agree on.</summary>
/// <param name="Hasher">Names blocks.</param>
/// <param name="Chunking">How writers cut.</param>
sealed record StoreIdentity(BlockHasher Hasher, ChunkingParameters Chunking);
