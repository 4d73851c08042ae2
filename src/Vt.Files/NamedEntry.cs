using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <summary>What a name of a <see cref="NamedFolder"/> leads to: another such folder, or a tree.</summary>
/// <param name="Folder">The folder; null where it is a tree.</param>
/// <param name="Root">The tree's root, a directory with its inode table; null where it is a folder.</param>
/// <param name="Reader">Reads the tree where its directories lie in another store than the file system's.</param>
public sealed record NamedEntry(NamedFolder? Folder, Dirent? Root, DirectoryReader? Reader = null);
