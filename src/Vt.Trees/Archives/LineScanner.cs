using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Trees.Archives;

/// <summary>Reads a file's lines from either end, with memory for one line and one buffer however long the file.</summary>
sealed class LineScanner(FileDescriptor file)
{
    const int BufferBytes = 64 << 10;
    const int Kept = ArchiveLine.Longest + 1;

    /// <summary>The archive's id, from the first line; null where that is damaged or something else.</summary>
    public Guid? TryReadId()
    {
        foreach (var line in Forwards())
        {
            try
            {
                return ArchiveLine.ParseHeader(line.Bytes.Span);
            }
            catch (FormatInvalidException)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The lines from the first to the last.</summary>
    public IEnumerable<ScannedLine> Forwards()
    {
        var buffer = new byte[BufferBytes];
        var line = new List<byte>();
        var (position, start) = (0L, 0L);
        while (PosixFile.PreadUpTo(file, buffer, position) is var count && count > 0)
        {
            for (var at = 0; at < count;)
            {
                var end = Array.IndexOf(buffer, (byte)'\n', at, count - at);
                var stop = end < 0 ? count : end;
                line.AddRange(buffer.AsSpan(at, Math.Min(stop - at, Kept - line.Count)));
                at = stop + 1;
                if (end < 0)
                    break;
                yield return new ScannedLine(start, line.ToArray(), IsTorn: false);
                start = position + at;
                line.Clear();
            }

            position += count;
        }

        if (position > start)
            yield return new ScannedLine(start, line.ToArray(), IsTorn: true);
    }

    /// <summary>The lines from the last to the first.</summary>
    public IEnumerable<ScannedLine> Backwards()
    {
        var buffer = new byte[BufferBytes];
        var length = PosixFile.Fstat(file).Size;
        var line = new Stack<ReadOnlyMemory<byte>>();
        var isTorn = true;
        for (var position = length; position > 0;)
        {
            var count = (int)Math.Min(BufferBytes, position);
            position -= count;
            PosixFile.PreadFully(file, buffer.AsSpan(0, count), position);
            for (var end = count; end >= 0;)
            {
                var before = end == 0 ? -1 : Array.LastIndexOf(buffer, (byte)'\n', end - 1, end);
                line.Push(buffer.AsMemory(before + 1, end - before - 1).ToArray());
                if (before < 0)
                    break;
                if (position + before + 1 < length)
                    yield return new ScannedLine(position + before + 1, Joined(line), isTorn);
                isTorn = false;
                line.Clear();
                end = before;
            }
        }

        if (length > 0)
            yield return new ScannedLine(0, Joined(line), isTorn);
    }

    static byte[] Joined(Stack<ReadOnlyMemory<byte>> parts)
    {
        var line = new byte[Math.Min(parts.Sum(static part => (long)part.Length), Kept)];
        var room = line.AsMemory();
        foreach (var part in parts)
        {
            var taken = part[..Math.Min(part.Length, room.Length)];
            taken.CopyTo(room);
            room = room[taken.Length..];
        }

        return line;
    }
}
