namespace Vt.Stores.Proxy;

/// <summary>How a <see cref="ProxyStore"/> waits and tries again.</summary>
public sealed record ProxyOptions
{
    /// <summary>How long the first store is given before the next is asked too; null leaves it to what the store took before, from 20 ms on.</summary>
    public TimeSpan? HedgeDelay { get; init; }

    /// <summary>How long a store is given before one of the next group is asked, which is far or costs: much longer, but one that answers nothing keeps nobody waiting.</summary>
    public TimeSpan FarDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a slow store is waited for without asking the next.</summary>
    public bool IsHedgeOff { get; init; }

    /// <summary>After how many failures in a row a store is left alone for a while.</summary>
    public int FailuresBeforePause { get; init; } = 3;

    /// <summary>How long it is left alone at first; each further failure doubles it.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it is left alone at most.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many bytes of blocks may wait to be copied; what comes when there is no room is not copied.</summary>
    public long CopyBytes { get; init; } = 32 << 20;

    /// <summary>The clock of latencies and pauses.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Spreads pauses: a number from 0 up to 1.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}
