using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir;

/// <summary>How a DataDir is opened.</summary>
public sealed record DataDirOptions
{
    /// <summary>Whether nothing may be added. A folder that can't be written is opened so whatever this says.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>How many bytes of decompressed frames are kept for reading, at least while nobody holds more.</summary>
    public long CacheBytes { get; init; } = 16 << 20;

    /// <summary>How many bytes the packs may have, those that other processes write included, before no more blocks are taken.</summary>
    public long MostBytes { get; init; } = long.MaxValue;

    /// <summary>The clock of movement logs and packs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The crash tests' hook; what the environment says when null.</summary>
    internal WriteBoundary? Boundary { get; init; }
}
