using System.Diagnostics;
using Vt.Files.Journal;

namespace Vt.Files.BackedFiles;

sealed partial class BackedFile
{
    /// <summary>The parts of the content; valid until the next change.</summary>
    public ContentWalk Parts()
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        return Layers.Walk(0, Size);
    }

    /// <summary>
    /// Bytes that a snapshot had in the log were copied to other places there. Whatever is still what it was then comes from these now, with holds of its own.
    /// </summary>
    /// <param name="snapshot">A snapshot of this file that has not ended.</param>
    /// <param name="moved">Ranges of the file, and where their bytes are.</param>
    public void Move(ContentSnapshot snapshot, IReadOnlyList<(long Offset, long Length, LogPlace Place)> moved)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        var same = new List<(long Offset, long Length, LogPlace Place)>();
        foreach (var (offset, length, place) in moved)
        {
            var comparison = new SourceComparison(Layers, snapshot.Layers, offset, offset + length);
            while (comparison.MoveNext())
            {
                if (comparison.IsSame && comparison.Current is { Source.Kind: ExtentSourceKind.Log } part)
                    same.Add((part.Offset, part.Length, place.Plus(part.Offset - offset)));
            }
        }

        foreach (var (offset, length, place) in same)
        {
            _sources.Front.Retain(place, length);
            Write(offset, length, place, 0);
        }
    }
}
