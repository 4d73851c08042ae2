using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>A name that two directories have different entries of, or that only one has.</summary>
/// <param name="Before">The entry in the first; null where it has none.</param>
/// <param name="After">The entry in the second; null where it has none.</param>
public readonly record struct DirectoryDifference(Dirent? Before, Dirent? After);
