using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Config;

/// <summary>How a store is opened or made.</summary>
public sealed record StoreOpenOptions
{
    /// <summary>Whether nothing will be added.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The hash algorithm of a store that is made here.</summary>
    public HashAlgorithmId Hash { get; init; } = HashAlgorithms.Default;

    /// <summary>The clock of what stores note.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The crash tests' hook; what the environment says when null.</summary>
    public WriteBoundary? Boundary { get; init; }

    /// <summary>Told what is done without, a line each; nobody when null.</summary>
    public Action<string>? OnNotice { get; init; }
}
