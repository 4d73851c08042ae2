using Vt.Posix;

namespace Vt.Stores.Platonic;

/// <summary>
/// Files that are to be read again although they look unchanged: a block of theirs was not what the index says. Any process notes them; whoever scans takes them.
/// Thread-safe.
/// </summary>
/// <param name="path">The file that they stand in, a line of hexadecimal digits each.</param>
sealed class Suspects(string path)
{
    const string Taken = ".taken";
    const uint FileMode = 0x1b6;
    const int MostKnown = 100_000;

    // Guards the set.
    readonly Lock _gate = new();
    readonly HashSet<byte[]> _known = new(Read(path).Concat(Read(path + Taken)), PathOrder.Instance);

    /// <summary>How many files are known to be suspect.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _known.Count;
        }
    }

    /// <summary>Whether a file is known to be suspect.</summary>
    public bool Contains(byte[] file)
    {
        lock (_gate)
            return _known.Count > 0 && _known.Contains(file);
    }

    /// <summary>Notes a file where whoever scans finds it.</summary>
    /// <returns>Whether it could be written down, or was before.</returns>
    public bool Note(byte[] file)
    {
        lock (_gate)
        {
            if (_known.Contains(file))
                return true;
            if (_known.Count >= MostKnown)
                return false;
            _known.Add(file);
        }

        // One write, so that lines of several processes don't mix.
        if (PosixFile.TryOpen(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND, FileMode, out var output) != Errno.OK)
            return false;
        using (output)
            PosixFile.WriteFully(output, System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(file) + "\n"));
        return true;
    }

    /// <summary>What any process has noted and no scan has taken.</summary>
    public IReadOnlyCollection<byte[]> Look() => PosixFile.TryStat(path, out _) == Errno.OK ? [.. Read(path)] : [];

    /// <summary>Takes what was noted until now, by any process, for a scan. It stays noted until <see cref="Forget"/>.</summary>
    public IReadOnlySet<byte[]> Take()
    {
        var all = new HashSet<byte[]>(Read(path + Taken).Concat(Read(path)), PathOrder.Instance);
        if (File.Exists(path))
        {
            File.AppendAllLines(path + Taken, Read(path).Select(Convert.ToHexStringLower));
            PosixFile.TryUnlink(path);
        }

        lock (_gate)
            _known.UnionWith(all);
        return all;
    }

    /// <summary>Forgets what was taken: it was read again.</summary>
    public void Forget(IReadOnlySet<byte[]> taken)
    {
        PosixFile.TryUnlink(path + Taken);
        lock (_gate)
            _known.ExceptWith(taken);
    }

    // A line that is half written, or none, is passed over.
    static IEnumerable<byte[]> Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return [];
        }

        return lines.Where(static line => line.Length % 2 == 0 && line.All(char.IsAsciiHexDigit)).Select(Convert.FromHexString);
    }
}
