using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.Cache;

/// <summary>
/// The movements of references that wait to be made in the store behind: a file of lines, as <see cref="CheckedLine"/> writes them. A line is either
/// <c>move</c>, date, name, <c>=</c> and the value before or <c>-</c>, <c>=</c> and the value after or <c>-</c>, the note, and the position in the queue; or
/// <c>done</c> and a movement's number. When all are done the file is emptied. Only under the lock of the cache.
/// </summary>
/// <param name="files">The folder.</param>
/// <param name="disk">Writes.</param>
/// <param name="time">The clock.</param>
sealed class MoveLog(CacheFiles files, DiskWriter disk, TimeProvider time)
{
    const string MoveVerb = "move";
    const string DoneVerb = "done";

    /// <summary>Whether something waits.</summary>
    public static bool IsWaiting(CacheFiles files) => Read(files, out _).Count > 0;

    /// <summary>What waits, oldest first.</summary>
    /// <exception cref="StoreUnavailableException">The file is damaged.</exception>
    public List<QueuedMove> Read() => Read(files, out _);

    /// <summary>Adds a movement, durably.</summary>
    public void Add(string name, string? expected, string? value, string note, ulong position) => Append(
        MoveVerb,
        time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        name,
        Field(expected),
        Field(value),
        note,
        position.ToString(CultureInfo.InvariantCulture));

    /// <summary>Says that a movement was made, or kept elsewhere.</summary>
    public void NoteDone(QueuedMove move)
    {
        if (Read(files, out var count).TrueForAll(other => other.Number == move.Number))
        {
            using var file = Open();
            disk.Truncate(file, files.Moves, 0);
            disk.Sync(file, files.Moves);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(move.Number, count);
        Append(DoneVerb, move.Number.ToString(CultureInfo.InvariantCulture));
    }

    static string Field(string? value) => value is null ? "-" : $"={value}";

    static string? ValueOf(string field) => field == "-" ? null : field[1..];

    static List<QueuedMove> Read(CacheFiles files, out int count)
    {
        var waiting = new List<QueuedMove>();
        count = 0;
        if (!File.Exists(files.Moves))
            return waiting;
        foreach (var line in CheckedLine.ReadAll(File.ReadAllBytes(files.Moves)))
        {
            // A line that was not written to its end was never acknowledged.
            if (line.IsTorn)
                break;
            switch (line.Fields)
            {
                case [MoveVerb, var when, var name, var expected, var value, var note, var position]:
                    waiting.Add(new QueuedMove(
                        count++,
                        DateTimeOffset.Parse(when, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                        name,
                        ValueOf(expected),
                        ValueOf(value),
                        note,
                        ulong.Parse(position, CultureInfo.InvariantCulture)));
                    break;
                case [DoneVerb, var number]:
                    waiting.RemoveAll(move => move.Number == int.Parse(number, CultureInfo.InvariantCulture));
                    break;
                default:
                    throw new StoreUnavailableException(
                        $"cache {files.Root}", $"{files.Moves} is damaged at {line.Offset}: a movement of a reference that waits to be sent can't be read; mend the file or take it away");
            }
        }

        return waiting;
    }

    FileDescriptor Open() => disk.OpenForAppend(files.Moves);

    void Append(params ReadOnlySpan<string> fields)
    {
        var isNew = !File.Exists(files.Moves);
        using var file = Open();
        var bytes = File.ReadAllBytes(files.Moves);
        var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        if (whole < bytes.Length)
            disk.Truncate(file, files.Moves, whole);
        disk.Append(file, files.Moves, CheckedLine.Write(fields));
        disk.Sync(file, files.Moves);
        if (isNew)
            disk.SyncFolder(files.Root);
    }
}
