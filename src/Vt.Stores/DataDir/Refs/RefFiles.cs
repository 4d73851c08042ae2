using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Text;
using Vt.Stores.References;

namespace Vt.Stores.DataDir.Refs;

/// <summary>
/// References, one append-only file each: a line per movement, and the last whole line says what the value is now. The file's name is the
/// reference's with <c>%</c> for <c>/</c>. A line is date, seconds since 1970, <c>=</c> and the value or <c>-</c> where the name ended,
/// and a note, as <see cref="CheckedLine"/> writes them.
/// </summary>
/// <remarks>
/// Thread-safe, and shared by processes: a movement is made under flock on the file and durable before it is reported. A line that an interrupted write
/// left is ignored, and cut off by the next movement; a whole line with a wrong checksum at the end is damage, not an older value.
/// </remarks>
/// <param name="layout">Where they lie.</param>
/// <param name="catalogue">The list of what must be there.</param>
/// <param name="disk">Writes.</param>
/// <param name="time">The clock.</param>
sealed class RefFiles(DataDirLayout layout, Catalogue catalogue, DiskWriter disk, TimeProvider time)
{
    const int Tail = 4 << 10;
    const uint FileMode = 0x1a4;

    /// <summary>The file of a reference.</summary>
    public string PathOf(string name) => Path.Combine(layout.Refs, name.Replace('/', '%'));

    /// <summary>The reference of a file; null where the file is none.</summary>
    public static string? NameOf(string path)
    {
        var name = Path.GetFileName(path).Replace('%', '/');
        return RefName.IsValid(name) ? name : null;
    }

    /// <summary>Reads a line's movement.</summary>
    /// <returns>Null where it is none.</returns>
    public static RefMovement? Parse(string[]? fields)
    {
        if (fields is not { Length: 4 }
            || !DateTimeOffset.TryParse(fields[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when)
            || fields[2] is not ("-" or ['=', ..]))
        {
            return null;
        }

        return new RefMovement(when.ToUniversalTime(), fields[2] == "-" ? null : fields[2][1..], fields[3]);
    }

    /// <summary>The value now; null where there is none.</summary>
    /// <exception cref="FormatInvalidException">The last line is damaged.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public string? Read(string name)
    {
        var path = PathOf(name);
        using var file = TryOpen(path);
        return file is null ? null : ReadLast(file, path, out _)?.Value;
    }

    /// <summary>All names that have a value, in order.</summary>
    /// <exception cref="FormatInvalidException">A reference's last line is damaged.</exception>
    /// <exception cref="IOException">The folder or a file can't be read.</exception>
    public List<string> List(string prefix)
    {
        var names = new List<string>();
        foreach (var path in Directory.EnumerateFiles(layout.Refs))
        {
            if (NameOf(path) is { } name && name.StartsWith(prefix, StringComparison.Ordinal) && Read(name) is not null)
                names.Add(name);
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>All movements, oldest first.</summary>
    /// <exception cref="FormatInvalidException">A line is damaged.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public List<RefMovement> ReadLog(string name)
    {
        var path = PathOf(name);
        var log = new List<RefMovement>();
        using var file = TryOpen(path);
        if (file is null)
            return log;
        var bytes = new byte[PosixFile.Fstat(file).Size];
        var got = PosixFile.PreadUpTo(file, bytes, 0);
        foreach (var line in CheckedLine.ReadAll(bytes.AsSpan(0, got)))
        {
            if (!line.IsTorn)
                log.Add(Parse(line.Fields) ?? throw new FormatInvalidException("a reference's movement is damaged", line.Offset).In(path));
        }

        return log;
    }

    /// <summary>Moves a reference.</summary>
    /// <returns>False where it had another value.</returns>
    public bool TryMove(string name, string? expected, string? value, string note)
    {
        disk.Failure.ThrowIfSet();
        var path = PathOf(name);
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDWR | (expected is null ? OpenFlags.O_CREAT : 0), FileMode, out var file);
        if (error == Errno.ENOENT)
            return false;
        if (error != 0)
            throw disk.Failure.Set(new PosixException(error, "open", path));
        using (file)
        {
            Locks.Flock(file, LockKind.Exclusive, wait: true);
            if (ReadLast(file, path, out var end)?.Value != expected)
                return false;
            var now = time.GetUtcNow();
            var line = CheckedLine.Write(
                now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture),
                now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                value is null ? "-" : $"={value}",
                note);
            if (PosixFile.Fstat(file).Size > end)
                disk.Truncate(file, path, end);
            disk.Write(file, path, line, end);
            disk.Sync(file, path);
            if (end == 0)
                disk.SyncFolder(layout.Refs);
            catalogue.AppendRef(name, end + line.Length);
            return true;
        }
    }

    static FileDescriptor? TryOpen(string path)
    {
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file);
        if (error == 0)
            return file;
        return error == Errno.ENOENT ? null : throw new PosixException(error, "open", path);
    }

    /// <summary>The last movement; null where there is none.</summary>
    /// <param name="file">The log.</param>
    /// <param name="path">Its name.</param>
    /// <param name="end">Where its last whole line ends.</param>
    static RefMovement? ReadLast(FileDescriptor file, string path, out long end)
    {
        var size = PosixFile.Fstat(file).Size;
        for (long tail = Tail; ; tail *= 4)
        {
            var start = Math.Max(0, size - tail);
            var bytes = new byte[(int)(size - start)];
            var got = PosixFile.PreadUpTo(file, bytes, start);
            var last = bytes.AsSpan(0, got).LastIndexOf((byte)'\n');
            var before = last < 0 ? -1 : bytes.AsSpan(0, last).LastIndexOf((byte)'\n');
            if (start > 0 && before < 0)
            {
                if (tail > 2L * CheckedLine.Longest)
                    throw new FormatInvalidException("a reference's movement is too long", start).In(path);
                continue;
            }

            end = start + last + 1;
            if (last < 0)
                return null;
            return Parse(CheckedLine.TryRead(bytes.AsSpan(before + 1, last - before - 1)))
                ?? throw new FormatInvalidException("a reference's last movement is damaged", start + before + 1).In(path);
        }
    }
}
