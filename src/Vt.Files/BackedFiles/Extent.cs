namespace Vt.Files.BackedFiles;

/// <summary>A range of a file and where its bytes come from.</summary>
/// <param name="Offset">Where it starts in the file, in bytes.</param>
/// <param name="Length">How long it is, in bytes; at least 1.</param>
/// <param name="Source">Where the first byte comes from; the others follow it.</param>
/// <param name="Stamp">What the change that made it was given; extents of different stamps stay apart.</param>
readonly record struct Extent(long Offset, long Length, ExtentSource Source, uint Stamp)
{
    /// <summary>Where it ends in the file.</summary>
    public long End => Offset + Length;

    /// <summary>The part between two offsets of the file, which lie within it.</summary>
    public Extent Part(long from, long to) => new(from, to - from, Source.Plus(from - Offset), Stamp);

    /// <summary>Whether the next extent goes on where this one ends, in the file and in the source.</summary>
    public bool IsContinuedBy(in Extent next) => End == next.Offset && Source.Plus(Length) == next.Source;
}
