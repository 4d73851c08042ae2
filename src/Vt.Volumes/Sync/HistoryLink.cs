using Vt.Blocks.Hashing;
using Vt.Trees.Meta;

namespace Vt.Volumes.Sync;

/// <summary>What has to be known of a commit to follow its history.</summary>
/// <param name="Parents">The commits that it comes from.</param>
/// <param name="When">The committer's moment.</param>
public sealed record HistoryLink(IReadOnlyList<BlockHash> Parents, Timestamp When);
