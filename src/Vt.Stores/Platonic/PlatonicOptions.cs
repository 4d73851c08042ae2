using Vt.Blocks.Contracts;

namespace Vt.Stores.Platonic;

/// <summary>Which folder a platonic store is of, and how it is opened.</summary>
public sealed record PlatonicOptions
{
    /// <summary>The folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>The folder of its index, absolute; made where it is missing.</summary>
    public required string State { get; init; }

    /// <summary>Whether nothing will be added, nor scanned.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The crash tests' hook; what the environment says when null.</summary>
    public WriteBoundary? Boundary { get; init; }
}
