using Vt.Trees.Dirents;

namespace Vt.Trees.Shadow;

/// <summary>What a merge of a folder with an archive gave.</summary>
/// <param name="Root">The merged tree; the archive's own where the folder has nothing new for it. Its nodes are in the store, not flushed.</param>
/// <param name="ForTarget">The paths at which the merged tree is not as the archive's.</param>
/// <param name="Touched">The paths at which the folder has to become as the merged tree is.</param>
/// <param name="Names">Paths in the archive's tree of hard-linked inodes that changed in it, by their UUIDs.</param>
/// <param name="Conflicts">What both had changed differently.</param>
/// <param name="FolderLoses">Whether a version that only the folder has is neither in the merged tree nor in the archive's.</param>
public sealed record ShadowOutcome(
    Dirent Root, PathTree ForTarget, PathTree Touched, IReadOnlyDictionary<Guid, List<string>> Names, IReadOnlyList<ShadowConflict> Conflicts, bool FolderLoses);
