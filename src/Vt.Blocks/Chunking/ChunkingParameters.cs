namespace Vt.Blocks.Chunking;

/// <summary>
/// How content is cut. A store records the parameters that it was made with and offers them to every writer, since two
/// writers with other parameters would share nothing.
/// </summary>
public sealed record ChunkingParameters
{
    /// <summary>The largest maximum that any store may ask for: 1 MiB, so that every reader's buffers are bounded.</summary>
    public const int LargestBlock = 1 << 20;

    /// <summary>What a new store uses: 8 KiB, 32 KiB, 128 KiB with the first chunker.</summary>
    public static ChunkingParameters Default { get; } = new();

    /// <summary>Which rule cuts; 1 is the position-parallel gear ("PGear") rule. Tables and constants belong to the number.</summary>
    public int Rule { get; init; } = 1;

    /// <summary>No cut before this many bytes, except at the edge of a run of equal bytes.</summary>
    public int Minimum { get; init; } = 8 << 10;

    /// <summary>The size that chunks have on average; a power of two is not needed.</summary>
    public int Average { get; init; } = 32 << 10;

    /// <summary>The longest chunk.</summary>
    public int Maximum { get; init; } = 128 << 10;

    /// <summary>Parameters around another average: a quarter of it and four times it as bounds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The average is not within 1 KiB and 256 KiB.</exception>
    public static ChunkingParameters ForAverage(int average)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(average, 1 << 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(average, LargestBlock / 4);
        return new ChunkingParameters { Minimum = average / 4, Average = average, Maximum = average * 4 };
    }
}
