using Vt.Blocks.Contracts;

namespace Vt.Stores.Cache;

/// <summary>How a <see cref="CacheStore"/> works.</summary>
public sealed record CacheOptions
{
    /// <summary>The smallest cache, in bytes.</summary>
    public const long SmallestSize = 16 << 20;

    /// <summary>How many bytes the folder may have. What waits to be sent may be more, up to <see cref="MostLag"/>.</summary>
    public long MostBytes { get; init; } = 10L << 30;

    /// <summary>Whether adds are kept here and sent to the store behind later.</summary>
    public bool IsWriteback { get; init; }

    /// <summary>How many bytes may wait to be sent before adds have to wait.</summary>
    public long MostLag { get; init; } = 4L << 30;

    /// <summary>How long an add waits for room before it is refused.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after an add sending begins, so that many small adds go together.</summary>
    public TimeSpan SendDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long closing tries to send what waits; the rest is the next process's.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the store behind is left alone at first when it can't be reached; each further failure doubles it.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it is left alone at most.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The zstd level of what is kept here.</summary>
    public int Level { get; init; } = 1;

    /// <summary>How many bytes of decompressed blocks are kept in memory.</summary>
    public long MemoryBytes { get; init; } = 16 << 20;

    /// <summary>What the store behind is called: a cache with something to send sends it to no other.</summary>
    public string BackingName { get; init; } = "";

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How large a segment grows, in bytes; chosen by <see cref="MostBytes"/> when null.</summary>
    internal long? SegmentSize { get; init; }

    /// <summary>The crash tests' hook; what the environment says when null.</summary>
    internal WriteBoundary? Boundary { get; init; }
}
