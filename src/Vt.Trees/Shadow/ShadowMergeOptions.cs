namespace Vt.Trees.Shadow;

/// <summary>How a folder and an archive are merged.</summary>
public sealed record ShadowMergeOptions
{
    /// <summary>What is done about conflicts.</summary>
    public ConflictRule Rule { get; init; } = ConflictRule.KeepBoth;

    /// <summary>What a version of the folder that lies beside another is called after: letters, digits and dashes.</summary>
    public required string Label { get; init; }

    /// <summary>Whether versions of the folder that lose by the rule lie beside what they lose to.</summary>
    public bool KeepLosers { get; init; }
}
