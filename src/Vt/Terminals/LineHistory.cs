using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Terminals;

/// <summary>
/// Lines that were typed, the oldest first, each once, kept in a file for its owner alone. Sessions at a time each append to it; it is read once, and written anew
/// when it has become twice as long as it may be.
/// </summary>
sealed class LineHistory
{
    const int MostLines = 1000;
    const uint FileMode = 0x180; // for the owner alone
    const long LargestFile = 1 << 20;

    readonly string? _path;
    readonly List<string> _lines = [];

    /// <summary>Reads the lines that there are.</summary>
    /// <param name="path">The file, which need not be there; null to keep none.</param>
    public LineHistory(string? path)
    {
        _path = path;
        try
        {
            if (path is not null && Read(path) is { } bytes)
                Load(bytes);
        }
        catch (IOException)
        {
            // Who can't read it types without.
            _path = null;
        }
    }

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Adds a line. Empty ones and those that begin with a blank are left out.</summary>
    public void Add(string line)
    {
        if (line.Length == 0 || line[0] is ' ' or '\t' || (_lines.Count > 0 && _lines[^1] == line))
            return;
        Remember(line);
        if (_path is null)
            return;
        try
        {
            using var file = PosixFile.Open(_path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND, FileMode);
            PosixFile.WriteFully(file, LosslessText.ToBytes(line + "\n"));
        }
        catch (IOException)
        {
            // A full disk is no reason to end a session.
        }
    }

    void Remember(string line)
    {
        _lines.Remove(line);
        _lines.Add(line);
        if (_lines.Count > MostLines)
            _lines.RemoveAt(0);
    }

    static byte[]? Read(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file) != Errno.OK)
            return null;
        using (file)
        {
            var length = PosixFile.Fstat(file).Size;
            var bytes = new byte[Math.Min(length, LargestFile)];
            var count = PosixFile.PreadUpTo(file, bytes, Math.Max(0, length - LargestFile));
            return bytes[..count];
        }
    }

    void Load(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var line = LosslessText.FromBytes(end < 0 ? bytes : bytes[..end]);
            bytes = end < 0 ? default : bytes[(end + 1)..];
            count++;
            if (line.Length > 0)
                Remember(line);
        }

        if (count > 2 * MostLines)
            Rewrite();
    }

    // What another session appends meanwhile may be lost: that is a line of history, and no more.
    void Rewrite()
    {
        var temporary = $"{_path}.{Guid.NewGuid():N}";
        using (var file = PosixFile.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode))
            PosixFile.WriteFully(file, LosslessText.ToBytes(string.Concat(_lines.Select(static line => line + "\n"))));
        PosixFile.Rename(temporary, _path!);
    }
}
