using System.Buffers.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Encoding;

namespace Vt.Trees.Tar;

/// <summary>Where a file has data: what the GNU sparse format, version 1.0, writes before the data itself. Immutable.</summary>
/// <remarks>
/// A file with very many holes has only its larger ones as such, so that a map is bounded: the smallest of 4 KiB, 8 KiB, 16 KiB … of which
/// there are no more. That follows from the content alone.
/// </remarks>
sealed class SparseMap
{
    const int MostHoles = 32768;
    const long SmallestHole = 4096;

    readonly List<(long Offset, long Length, long Packed)> _parts;

    SparseMap(List<(long Offset, long Length, long Packed)> parts, byte[] text, long dataLength)
    {
        _parts = parts;
        Text = text;
        DataLength = dataLength;
    }

    /// <summary>The map as it stands in the archive: decimal numbers a line each, filled up with NULs to whole blocks.</summary>
    public byte[] Text { get; }

    /// <summary>How many bytes of data follow it.</summary>
    public long DataLength { get; }

    /// <summary>Finds out where a file has data; reads indirect blocks only.</summary>
    public static async ValueTask<SparseMap> LoadAsync(BlockTreeReader content, CancellationToken cancellationToken)
    {
        var holes = new List<(long Offset, long End)>();
        var smallest = SmallestHole;
        await foreach (var extent in content.GetLeavesAsync(0, content.Length, cancellationToken))
        {
            if (!extent.IsHole)
                continue;
            if (holes.Count > 0 && holes[^1].End == extent.Offset)
                holes[^1] = (holes[^1].Offset, extent.End);
            else
                holes.Add((extent.Offset, extent.End));
            while (holes.Count > MostHoles)
            {
                // The last one may grow yet.
                smallest *= 2;
                var last = holes[^1];
                holes.RemoveAll(hole => hole != last && hole.End - hole.Offset < smallest);
            }
        }

        holes.RemoveAll(hole => hole.End - hole.Offset < smallest);
        return Make(content.Length, holes);
    }

    /// <summary>Where in the content a place in the packed data is.</summary>
    /// <param name="packed">Bytes from the start of the data, less than there are.</param>
    /// <returns>The place, and how many bytes lie together from there on.</returns>
    public (long Offset, long Length) Find(long packed)
    {
        var (low, high) = (0, _parts.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_parts[middle].Packed <= packed)
                low = middle;
            else
                high = middle - 1;
        }

        var part = _parts[low];
        return (part.Offset + packed - part.Packed, part.Length - (packed - part.Packed));
    }

    static SparseMap Make(long size, List<(long Offset, long End)> holes)
    {
        var parts = new List<(long Offset, long Length, long Packed)>(holes.Count + 1);
        var (at, packed) = (0L, 0L);
        foreach (var hole in holes)
        {
            // GNU tar begins each part in a block of its own, and others do not: so all but the last one are whole blocks.
            var offset = TarHeader.Pad(hole.Offset);
            var end = hole.End == size ? size : hole.End & -TarHeader.BlockSize;
            if (offset >= end)
                continue;
            if (offset > at)
                parts.Add((at, offset - at, packed));
            packed += offset - at;
            at = end;
        }

        if (size > at)
            parts.Add((at, size - at, packed));
        packed += size - at;
        using var text = new ByteWriter();
        var endsInHole = at == size;
        WriteLine(text, parts.Count + (endsInHole ? 1 : 0));
        foreach (var (offset, length, _) in parts)
        {
            WriteLine(text, offset);
            WriteLine(text, length);
        }

        // A part of no bytes at the end is how a reader learns how long the file is.
        if (endsInHole)
        {
            WriteLine(text, size);
            WriteLine(text, 0);
        }

        text.Reserve((int)(TarHeader.Pad(text.Length) - text.Length)).Clear();
        return new SparseMap(parts, text.Written.ToArray(), packed);
    }

    static void WriteLine(ByteWriter text, long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out var length);
        text.WriteBytes(digits[..length]);
        text.WriteByte((byte)'\n');
    }
}
