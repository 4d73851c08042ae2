using System.Text.Json;

namespace Vt.SystemTests.Chains;

/// <summary>What commits are called.</summary>
static class CommitTitles
{
    /// <summary>The titles in what <c>vt log --json</c> printed, the newest first, without the commit that made the volume.</summary>
    public static IEnumerable<string> Of(string log) => log.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!)
        .Where(static title => !title.StartsWith("Make volume", StringComparison.Ordinal));
}
