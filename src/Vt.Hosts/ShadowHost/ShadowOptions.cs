using Vt.Blocks.Contracts;
using Vt.Trees.Import;
using Vt.Trees.Shadow;

namespace Vt.Hosts.ShadowHost;

/// <summary>How a folder is kept equal to an archive.</summary>
public sealed record ShadowOptions
{
    /// <summary>The folder, an absolute path.</summary>
    public required string Folder { get; init; }

    /// <summary>The archive, an absolute path.</summary>
    public required string Archive { get; init; }

    /// <summary>Keeps mounts for writing away from the archive until it is disposed.</summary>
    /// <exception cref="UserErrorException">One has it.</exception>
    public required Func<IDisposable> Hold { get; init; }

    /// <summary>This machine's name, after which versions in conflict are called.</summary>
    public required string Host { get; init; }

    /// <summary>What is done about conflicts.</summary>
    public ConflictRule Rule { get; init; } = ConflictRule.KeepBoth;

    /// <summary>Which way changes go.</summary>
    public ShadowDirection Direction { get; init; }

    /// <summary>Whether it is only told what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Whether an emptied or replaced folder, or an archive without what was agreed, is taken for what it is.</summary>
    public bool Force { get; init; }

    /// <summary>Whether what was agreed is forgotten: both are joined as at the first time, and nothing is removed.</summary>
    public bool Anew { get; init; }

    /// <summary>Whether owners are given by their stored numbers.</summary>
    public bool NumericOwner { get; init; }

    /// <summary>Folders that are never entered: those of stores.</summary>
    public IReadOnlyList<string> SkippedDirectories { get; init; } = [];

    /// <summary>How many threads read; 0 for as many as is usual.</summary>
    public int Workers { get; init; }

    /// <summary>The clock of dates.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The crash tests' hook; null for none.</summary>
    public WriteBoundary? Boundary { get; init; }

    /// <summary>Told of each thing that could not be taken as it is.</summary>
    public Action<ImportIssue>? OnIssue { get; init; }

    /// <summary>Told of what else somebody should know, a line each.</summary>
    public Action<string>? OnNotice { get; init; }
}
