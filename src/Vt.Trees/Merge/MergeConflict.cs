namespace Vt.Trees.Merge;

/// <summary>A path that could not be merged.</summary>
/// <param name="Path">The path from the root, names with slashes between.</param>
/// <param name="Kind">Why.</param>
/// <param name="Sibling">Where the other side's version is; empty where there is none.</param>
public sealed record MergeConflict(ReadOnlyMemory<byte> Path, MergeConflictKind Kind, ReadOnlyMemory<byte> Sibling);
