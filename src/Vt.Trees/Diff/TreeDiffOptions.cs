namespace Vt.Trees.Diff;

/// <summary>What a comparison of two trees reports.</summary>
public sealed record TreeDiffOptions
{
    /// <summary>The usual: all that a restore would bring back.</summary>
    public static TreeDiffOptions Default { get; } = new();

    /// <summary>Whether paths are reported that differ in <see cref="ChangedParts.Bookkeeping"/> only.</summary>
    public bool ReportBookkeeping { get; init; }
}
