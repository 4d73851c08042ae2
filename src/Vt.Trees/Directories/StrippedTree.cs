namespace Vt.Trees.Directories;

/// <summary>A tree in which no entry has a UUID, and how much is in it.</summary>
/// <param name="Root">Its directory.</param>
/// <param name="Entries">How many entries it has on all levels; its directory itself is not among them.</param>
/// <param name="Length">The lengths of its files together, in bytes; at most <see cref="long.MaxValue"/>.</param>
/// <param name="HoleSpan">How many of these bytes lie in holes.</param>
public readonly record struct StrippedTree(DirectoryRoot Root, long Entries, long Length, long HoleSpan);
