using Vt.Blocks.Contracts;

namespace Vt.Stores.Progress;

/// <summary>What went through a <see cref="ProgressStore"/> so far.</summary>
public sealed record StoreProgress
{
    /// <summary>Blocks that were asked about without reading them.</summary>
    public long Asked { get; init; }

    /// <summary>Blocks that were read.</summary>
    public long Gets { get; init; }

    /// <summary>Their bytes.</summary>
    public long GetBytes { get; init; }

    /// <summary>Blocks that were wanted and absent.</summary>
    public long Absent { get; init; }

    /// <summary>What became of blocks that were offered.</summary>
    public AddCounts Added { get; init; }

    /// <summary>Flushes that completed.</summary>
    public long Flushes { get; init; }

    /// <summary>Calls that failed.</summary>
    public long Failures { get; init; }

    /// <summary>Calls under way.</summary>
    public int Outstanding { get; init; }

    /// <summary>How long reads took together; a batch counts once.</summary>
    public TimeSpan GetTime { get; init; }

    /// <summary>How long adds took together; a batch counts once.</summary>
    public TimeSpan AddTime { get; init; }

    /// <summary>How long flushes took together.</summary>
    public TimeSpan FlushTime { get; init; }

    /// <summary>The longest call of any kind.</summary>
    public TimeSpan LongestCall { get; init; }
}
