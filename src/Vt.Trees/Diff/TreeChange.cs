using Vt.Trees.Dirents;

namespace Vt.Trees.Diff;

/// <summary>One path that differs between two trees.</summary>
/// <param name="Path">The path from the root, names with slashes between; empty for the root itself.</param>
/// <param name="Kind">What happened to it.</param>
/// <param name="Parts">In what it differs; nothing of what was added or removed.</param>
/// <param name="Before">The entry in the first tree, of a hard link the inode; null where it was added.</param>
/// <param name="After">The entry in the second tree, of a hard link the inode; null where it was removed.</param>
public sealed record TreeChange(ReadOnlyMemory<byte> Path, TreeChangeKind Kind, ChangedParts Parts, Dirent? Before, Dirent? After);
