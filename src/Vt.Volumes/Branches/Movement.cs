using Vt.Blocks.Hashing;

namespace Vt.Volumes.Branches;

/// <summary>One movement of a branch or tag.</summary>
/// <param name="When">When, by the clock of the machine that made it.</param>
/// <param name="Commit">The commit after it; null where the branch has none yet, or has ended.</param>
/// <param name="IsEnd">Whether the name ended.</param>
/// <param name="Note">Why.</param>
public sealed record Movement(DateTimeOffset When, BlockHash? Commit, bool IsEnd, string Note);
