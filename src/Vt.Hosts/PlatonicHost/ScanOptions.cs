using Vt.Blocks.Contracts;
using Vt.Trees.Import;

namespace Vt.Hosts.PlatonicHost;

/// <summary>What a platonic store's folder is scanned with.</summary>
public sealed record ScanOptions
{
    /// <summary>The archive that the folder's tree appears in.</summary>
    public required string Archive { get; init; }

    /// <summary>Whether symbolic links in the folder are taken as what they lead to.</summary>
    public bool FollowSymlinks { get; init; }

    /// <summary>Folders that are never entered: those of stores.</summary>
    public IReadOnlyList<string> SkippedDirectories { get; init; } = [];

    /// <summary>The clock of dates.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The crash tests' hook; null for none.</summary>
    public WriteBoundary? Boundary { get; init; }

    /// <summary>Told of each thing that could not be taken as it is.</summary>
    public Action<ImportIssue>? OnIssue { get; init; }

    /// <summary>Told of what else somebody should know, a line each.</summary>
    public Action<string>? OnNotice { get; init; }
}
