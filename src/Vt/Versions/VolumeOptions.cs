using System.CommandLine;

namespace Vt.Versions;

/// <summary>The options by which commands are told a volume and a branch, and what their help says of them.</summary>
static class VolumeOptions
{
    /// <summary>What the help of commands that take revisions says of those.</summary>
    public const string RevisionHelp =
        """
        REV is a branch, a tag, the name of a commit or at least four digits of its beginning, HEAD (or @) for the branch that is checked out, or a date for its
        newest commit of then; with any of ^ (the parent), ^2 (the second parent of a merge), ~3 (three times the first parent) behind it. BRANCH@{2} is where a
        branch stood two movements ago, BRANCH@{yesterday} or @{2026-11-21T07:30} where it stood then. REMOTE/BRANCH is where a
        remote's branch was at the last vt pull or vt push. VOLUME@REV means another volume than the current one.
        """;

    /// <summary>The option for the volume.</summary>
    public static Option<string> Volume() => new("-V", "--volume") { Description = "The volume; else VT_VOLUME, else the current one", HelpName = "VOLUME" };

    /// <summary>The option for the branch.</summary>
    public static Option<string> Branch() => new("-b", "--branch") { Description = "The branch; else the one that is checked out", HelpName = "BRANCH" };
}
