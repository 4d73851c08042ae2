using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.Cache;

/// <summary>
/// What references of the store behind were when it was last asked: what is said of them while it can't be reached. Three kinds of files of lines, as
/// <see cref="CheckedLine"/> writes them: a value, a list of names that start with something, a log of movements. Derived, and never synced. Thread-safe.
/// </summary>
/// <param name="folder">Where they lie.</param>
sealed class KnownRefs(string folder)
{
    const string ValueKind = "value-";
    const string ListKind = "list-";
    const string LogKind = "log-";
    const string AllNames = "%";

    /// <summary>Remembers a value.</summary>
    public void NoteValue(string name, string? value) => Note(ValueKind, name, value is null ? [] : [CheckedLine.Write(value)]);

    /// <summary>Remembers a list.</summary>
    public void NoteList(string prefix, IEnumerable<string> names) => Note(ListKind, prefix, names.Select(static name => CheckedLine.Write(name)));

    /// <summary>Remembers a log.</summary>
    public void NoteLog(string name, IEnumerable<RefMovement> log) => Note(LogKind, name, log.Select(static movement =>
        CheckedLine.Write(movement.When.ToString("O", CultureInfo.InvariantCulture), movement.Value is null ? "-" : $"={movement.Value}", movement.Note)));

    /// <summary>Takes in that a reference was moved: what is known of it stays true.</summary>
    public void NoteMove(string name, string? value, string note, DateTimeOffset when)
    {
        NoteValue(name, value);
        if (FindLog(name) is { } log)
            NoteLog(name, log.Append(new RefMovement(when, value, note)));
        for (var length = name.Length; length >= 0; length--)
        {
            if (Read(ListKind, name[..length]) is not { } lines)
                continue;
            var names = new SortedSet<string>(lines.Select(static line => line[0]), StringComparer.Ordinal);
            if (value is null ? names.Remove(name) : names.Add(name))
                NoteList(name[..length], names);
        }
    }

    /// <summary>Gives a value.</summary>
    /// <returns>False where it was never seen.</returns>
    public bool TryGetValue(string name, out string? value)
    {
        value = null;
        if (Read(ValueKind, name) is not { } lines)
            return false;
        value = lines.Count == 0 ? null : lines[0][0];
        return true;
    }

    /// <summary>Gives a list, also out of a longer one.</summary>
    /// <returns>Null where none was ever seen.</returns>
    public List<string>? FindList(string prefix)
    {
        for (var length = prefix.Length; length >= 0; length--)
        {
            if (Read(ListKind, prefix[..length]) is { } lines)
                return [.. lines.Select(static line => line[0]).Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
        }

        return null;
    }

    /// <summary>Gives a log.</summary>
    /// <returns>Null where none was ever seen.</returns>
    public List<RefMovement>? FindLog(string name) => Read(LogKind, name)?.ConvertAll(static line => new RefMovement(
        DateTimeOffset.Parse(line[0], CultureInfo.InvariantCulture), line[1] == "-" ? null : line[1][1..], line[2]));

    string PathOf(string kind, string name) => Path.Combine(folder, kind + (name.Length == 0 ? AllNames : name.Replace('/', '%')));

    // What can't be remembered is only missed when the store behind can't be reached.
    void Note(string kind, string name, IEnumerable<byte[]> lines)
    {
        try
        {
            var bytes = lines.SelectMany(static line => line).ToArray();
            var path = PathOf(kind, name);
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
                return;
            Directory.CreateDirectory(folder);
            var fresh = Path.Combine(folder, Guid.NewGuid().ToString("n"));
            File.WriteAllBytes(fresh, bytes);
            PosixFile.Rename(Encoding.UTF8.GetBytes(fresh), Encoding.UTF8.GetBytes(path));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }

    List<string[]>? Read(string kind, string name)
    {
        var path = PathOf(kind, name);
        if (!File.Exists(path))
            return null;
        var lines = new List<string[]>();
        foreach (var line in CheckedLine.ReadAll(File.ReadAllBytes(path)))
        {
            if (line.Fields is not { } fields)
                return null;
            lines.Add(fields);
        }

        return lines;
    }
}
