using Vt.Posix;

namespace Vt.Trees.Import;

/// <summary>Tells each issue once, however often an import has to begin again. One thread at a time.</summary>
/// <param name="tell">Whom; null for nobody.</param>
sealed class ToldIssues(Action<ImportIssue>? tell)
{
    readonly HashSet<(ImportIssueKind Kind, string Path)> _told = [];

    /// <summary>Tells an issue that was not told before.</summary>
    public void Tell(ImportIssue issue)
    {
        if (tell is not null && _told.Add((issue.Kind, PathText.Of(issue.Path.Span))))
            tell(issue);
    }
}
