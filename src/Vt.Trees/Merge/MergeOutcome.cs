using Vt.Trees.Dirents;

namespace Vt.Trees.Merge;

/// <summary>What a merge gave.</summary>
/// <param name="Root">The merged tree's root; its nodes are in the store, not flushed.</param>
/// <param name="Conflicts">What could not be merged, in the order of their side's changes; empty where all could be.</param>
public sealed record MergeOutcome(Dirent Root, IReadOnlyList<MergeConflict> Conflicts);
