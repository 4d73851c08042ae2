using Vt.Trees.Dirents;

namespace Vt.Trees.Check;

/// <summary>A tree to check.</summary>
/// <param name="Name">Names it in faults: an archive and its state, or whatever the user wrote.</param>
/// <param name="Root">Its root, a directory or a file.</param>
/// <param name="IsWhole">Whether it is all of a state, so that every inode of its table must have a name in it.</param>
public sealed record CheckedTree(string Name, Dirent Root, bool IsWhole = true);
