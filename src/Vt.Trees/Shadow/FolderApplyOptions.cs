using Vt.Blocks.Contracts;

namespace Vt.Trees.Shadow;

/// <summary>How a folder is made as a tree.</summary>
public sealed record FolderApplyOptions
{
    /// <summary>What a version that must not be lost is called after: letters, digits and dashes.</summary>
    public required string Label { get; init; }

    /// <summary>Whether owners are given by their stored numbers; otherwise by their stored names where this system knows them.</summary>
    public bool NumericOwner { get; init; }

    /// <summary>The crash tests' hook; null for none.</summary>
    public WriteBoundary? Boundary { get; init; }
}
