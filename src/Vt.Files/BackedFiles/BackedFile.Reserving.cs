using System.Diagnostics;

namespace Vt.Files.BackedFiles;

sealed partial class BackedFile
{
    ReservedRanges? _reserved;

    /// <summary>How many bytes were allocated and not written since, in whole pages. They may lie behind the file's end.</summary>
    public long ReservedBytes => _reserved?.Bytes ?? 0;

    /// <summary>Notes that a range is allocated; what has bytes in it does not count. The content stays what it is.</summary>
    public void Reserve(long offset, long length)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        _reserved ??= new ReservedRanges();
        var end = offset + length;
        for (var walk = Layers.Walk(offset, Math.Min(end, Size)); walk.MoveNext();)
        {
            var part = walk.Current;

            // Where only some of stored content are holes, it takes a look at the store to know which: it counts as written.
            if (part.Source.Kind == ExtentSourceKind.Zero || (part.Source.Kind == ExtentSourceKind.Stored && part.Source.Content.HoleSpan == part.Source.Content.Span))
                _reserved.Add(part.Offset, part.End);
        }

        if (end > Size)
            _reserved.Add(Math.Max(offset, Size), end);
    }

    /// <summary>Notes that a range is not allocated any more.</summary>
    public void Unreserve(long offset, long length)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        _reserved?.Remove(offset, offset + length);
    }
}
