using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>One state of a tree, as an archive keeps it.</summary>
/// <param name="When">When it was saved.</param>
/// <param name="Offset">How far the clock on the wall was from UTC there.</param>
/// <param name="Root">The tree.</param>
public sealed record ArchiveState(Timestamp When, TimeSpan Offset, Dirent Root)
{
    /// <summary>When it was saved, by the clock on the wall there; rounded to 100 ns.</summary>
    public DateTimeOffset Date => When.ToDateTimeOffset().ToOffset(Offset);
}
