namespace Vt.Trees.Export;

/// <summary>What an export made.</summary>
/// <param name="IsPartial">Whether something could not be brought back as it was.</param>
/// <param name="Issues">The first <see cref="MostIssues"/> of those things; the counters have the number of all.</param>
public sealed record ExportResult(bool IsPartial, IReadOnlyList<ExportIssue> Issues)
{
    /// <summary>The most issues that a result holds; all go to <see cref="ExportOptions.OnIssue"/>.</summary>
    public const int MostIssues = 1000;
}
