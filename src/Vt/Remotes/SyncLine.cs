using Vt.Blocks.Hashing;

namespace Vt.Remotes;

/// <summary>What became of one branch, tag, archive or tree.</summary>
/// <param name="What">Its name.</param>
/// <param name="Outcome">What became of it.</param>
sealed record SyncLine(string What, SyncOutcome Outcome)
{
    /// <summary>Where it was at the side that was brought into step; null where it was not.</summary>
    public BlockHash? Before { get; init; }

    /// <summary>Where it is now, or would be.</summary>
    public BlockHash? After { get; init; }

    /// <summary>How many commits or states came.</summary>
    public long Count { get; init; }

    /// <summary>What else is to be known, in words: why it was refused and what to do.</summary>
    public string Detail { get; init; } = "";
}
