namespace Vt.Volumes.Sync;

/// <summary>How one commit stands to another.</summary>
/// <param name="Ahead">How many commits it comes from, itself included, that the other does not come from.</param>
/// <param name="Behind">How many the other comes from that it does not.</param>
public readonly record struct BranchRelation(long Ahead, long Behind)
{
    /// <summary>Whether each has commits of its own.</summary>
    public bool IsDiverged => Ahead > 0 && Behind > 0;
}
