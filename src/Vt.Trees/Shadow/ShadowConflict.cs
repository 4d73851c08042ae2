using Vt.Posix;

namespace Vt.Trees.Shadow;

/// <summary>A path that a folder and an archive both changed, and what was done about it.</summary>
/// <param name="Path">The path in the tree, in bytes.</param>
/// <param name="Kind">In what they conflict.</param>
/// <param name="IsFolderKept">Whether the path has the folder's version; else the archive's.</param>
/// <param name="Sibling">Where the other version lies; empty where it lies nowhere beside.</param>
public sealed record ShadowConflict(ReadOnlyMemory<byte> Path, ShadowConflictKind Kind, bool IsFolderKept, ReadOnlyMemory<byte> Sibling)
{
    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        var what = Kind switch
        {
            ShadowConflictKind.Content => "changed in the folder and in the archive",
            ShadowConflictKind.Metadata => "given another owner, mode or attribute in the folder and in the archive",
            ShadowConflictKind.Kind => "made different things of in the folder and in the archive",
            ShadowConflictKind.RemovedInFolder => "removed in the folder and changed in the archive",
            _ => "changed in the folder and removed in the archive",
        };
        var kept = Kind switch
        {
            ShadowConflictKind.RemovedInFolder => IsFolderKept ? "it is removed" : "it stays",
            ShadowConflictKind.RemovedInStore => IsFolderKept ? "it stays" : "it is removed",
            _ => IsFolderKept ? "the folder's version stays" : "the archive's version stays",
        };
        return $"{ShadowFolder.NameOf(Path.Span)}: {what}: {kept}{(Sibling.IsEmpty ? "" : $", the folder's is {PathText.Of(Sibling.Span)}")}";
    }
}
