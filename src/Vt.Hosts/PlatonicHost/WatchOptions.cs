namespace Vt.Hosts.PlatonicHost;

/// <summary>How a platonic store's folder is watched.</summary>
public sealed record WatchOptions
{
    /// <summary>How long nothing must have changed before what has is scanned.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often everything is looked at all the same.</summary>
    public TimeSpan Rescan { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How many folders are watched at most.</summary>
    public int MostWatches { get; init; } = int.MaxValue;

    /// <summary>The clock of pauses.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Told of each scan, and of what went wrong, a line each.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Told once what was there at the start is indexed and changes are being watched for.</summary>
    public Action? OnReady { get; init; }
}
