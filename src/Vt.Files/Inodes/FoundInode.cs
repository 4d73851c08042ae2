using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <summary>An inode that has several names.</summary>
/// <param name="Table">The inode table that it stands in.</param>
/// <param name="Position">Where.</param>
/// <param name="Dirent">What it is.</param>
sealed record FoundInode(OpenDirectory Table, long Position, Dirent Dirent);
