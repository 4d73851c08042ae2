namespace Vt.Remotes;

/// <summary>How two stores are brought into step.</summary>
sealed record SyncOptions
{
    /// <summary>Whether branches also go where the other side has commits that this one has not.</summary>
    public bool IsForced { get; init; }

    /// <summary>Whether only to say what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Whether every block is read at the other side, in the end, of what was brought.</summary>
    public bool IsVerified { get; init; }

    /// <summary>How many bytes a second at most; null for no bound.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>How many batches are under way at a time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>The name of a volume or archive at the side that has it not yet; null for the one that it has.</summary>
    public string? As { get; init; }
}
