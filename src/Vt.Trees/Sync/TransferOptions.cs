namespace Vt.Trees.Sync;

/// <summary>How blocks are brought from one store to another.</summary>
public sealed record TransferOptions
{
    /// <summary>How many batches are under way at a time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>How many bytes a second at most; null for no bound.</summary>
    public long? BytesPerSecond
    {
        get => Rate.BytesPerSecond;
        init => Rate = new ByteRate(value, TimeProvider.System);
    }

    /// <summary>What holds the bytes back; several transfers may share it.</summary>
    public ByteRate Rate { get; init; } = new(null, TimeProvider.System);

    /// <summary>Whether only to count what would be sent.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Counts, for who shows progress.</summary>
    public TransferCounters Counters { get; init; } = new();
}
