namespace Vt.Hosts.ShadowHost;

/// <summary>How a folder and an archive are followed.</summary>
public sealed record ShadowWatchOptions
{
    /// <summary>How long nothing must have changed in the folder before it is looked at.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the archive is asked whether it has grown.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often everything in the folder is looked at all the same.</summary>
    public TimeSpan Rescan { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How many folders are watched at most.</summary>
    public int MostWatches { get; init; } = int.MaxValue;

    /// <summary>Told of each round that did something.</summary>
    public Action<ShadowReport>? OnRound { get; init; }

    /// <summary>Told what went wrong and is tried again, and what can't be watched, a line each.</summary>
    public Action<string>? OnFault { get; init; }

    /// <summary>Told once both sides are equal and followed.</summary>
    public Action? OnReady { get; init; }
}
