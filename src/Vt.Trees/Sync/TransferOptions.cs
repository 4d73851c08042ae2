namespace Vt.Trees.Sync;

/// <summary>How blocks are brought from one store to another.</summary>
public sealed record TransferOptions
{
    /// <summary>How many batches are under way at a time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>How many bytes a second at most; null for no bound.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Counts, for who shows progress.</summary>
    public TransferCounters Counters { get; init; } = new();

    /// <summary>The clock of the bound.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
