namespace Vt.Trees.Export;

/// <summary>What an export may do and how.</summary>
public sealed record ExportOptions
{
    /// <summary>
    /// Whether what has a name already is replaced, and directories that are there are merged into; otherwise each is left
    /// alone and reported.
    /// </summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// Whether owners are given by their stored numbers; otherwise by their stored names where this system knows them.
    /// </summary>
    public bool NumericOwner { get; init; }

    /// <summary>How many threads fetch and write.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>Counts while the export goes on, for whoever shows progress; null where nobody does.</summary>
    public ExportCounters? Counters { get; init; }

    /// <summary>Told of each thing that could not be brought back as it was, in no order, from one thread at a time.</summary>
    public Action<ExportIssue>? OnIssue { get; init; }
}
