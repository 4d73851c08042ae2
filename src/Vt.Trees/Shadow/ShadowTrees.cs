using Vt.Trees.Dirents;

namespace Vt.Trees.Shadow;

/// <summary>The four trees of a merge: each side now, and as it was when both last agreed.</summary>
/// <remarks>
/// The sides have a tree each of when they agreed, since the same thing differs between two places: by inode numbers always, and by whatever one place could not take over.
/// Each side's changes are found against its own, so that their cost follows what changed, and what a place can't have is no change of it.
/// </remarks>
/// <param name="Seen">The folder's tree then; null where nothing was agreed yet.</param>
/// <param name="Folder">The folder's tree now.</param>
/// <param name="Agreed">The archive's tree then; null where nothing was agreed yet.</param>
/// <param name="Target">The archive's tree now.</param>
public sealed record ShadowTrees(Dirent? Seen, Dirent Folder, Dirent? Agreed, Dirent Target)
{
    /// <summary>A tree with nothing in it.</summary>
    public static Dirent Nothing { get; } = new() { Kind = DirentKind.Directory };
}
