using Vt.Trees.Diff;
using Vt.Trees.Dirents;

namespace Vt.Trees.Shadow;

/// <summary>When entries of two places are the same: whatever only says where an entry lies, or what its place did to it, is left out.</summary>
/// <remarks>
/// Left out are inode numbers, change, birth and access times, link counts and UUIDs: no restore brings them back, so they differ between a folder and a copy of it. Of
/// directories only the entry itself is compared; what is in them has paths of its own.
/// </remarks>
public static class ShadowEntries
{
    const ChangedParts Real = ChangedParts.Kind | ChangedParts.Content | ChangedParts.Metadata;

    /// <summary>Whether two entries are the same. Reflexive, symmetric and transitive.</summary>
    /// <param name="one">One, of a hard link the inode; null for nothing.</param>
    /// <param name="other">The other.</param>
    public static bool AreSame(Dirent? one, Dirent? other) =>
        one is null || other is null ? one is null && other is null : (TreeDiff.PartsOf(one, other) & Real) == ChangedParts.None;

    /// <summary>Whether two entries have the same kind and content, whatever their metadata.</summary>
    public static bool HaveSameContent(Dirent? one, Dirent? other) =>
        one is null || other is null ? one is null && other is null : (TreeDiff.PartsOf(one, other) & (ChangedParts.Kind | ChangedParts.Content)) == ChangedParts.None;

    /// <summary>What all names of one inode have in common; null of what has one name.</summary>
    public static Guid? LinkOf(Dirent? entry) => entry is { Kind: not DirentKind.Directory, Metadata.LinkCount: > 0 } ? entry.Uuid : null;

    /// <summary>Whether a change is one that another place should have: more than what its own place did to it.</summary>
    internal static bool IsReal(TreeChange change) =>
        change.Kind != TreeChangeKind.Modified || (change.Parts & Real) != ChangedParts.None || LinkOf(change.Before) != LinkOf(change.After);
}
