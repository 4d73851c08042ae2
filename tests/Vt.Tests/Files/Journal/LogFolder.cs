using System.Text;
using Vt.Blocks.Contracts;
using Vt.Files.Journal;
using Vt.Tests.Support;

namespace Vt.Tests.Files.Journal;

/// <summary>A folder with a log in it, and what a replay of it gave.</summary>
sealed class LogFolder : IDisposable
{
    public static readonly LiveLogOptions Small = new() { FileSize = 64 << 10, BulkSize = 256 << 10, BufferSize = 8 << 10, ReserveStep = 16 << 10 };

    readonly TempFolder _folder = new(inMemory: true);
    int _copies;

    public string Path => _folder.Path;

    public string this[string name] => _folder[name];

    /// <summary>What records were replayed last: their texts, with the data behind a colon.</summary>
    public List<string> Replayed { get; } = [];

    public List<bool> WereDurable { get; } = [];

    public List<uint> Epochs { get; } = [];

    public LiveLog Open(LiveLogOptions? options = null, uint firstEpoch = 1, LogReplay? also = null, string? folder = null)
    {
        Replayed.Clear();
        WereDurable.Clear();
        Epochs.Clear();
        return LiveLog.Open(folder ?? Path, firstEpoch, options ?? Small, (log, in record) =>
        {
            if (also is not null && !also(log, record))
                return false;
            var text = Encoding.UTF8.GetString(record.Bytes);
            if (record.DataLength > 0)
            {
                var data = new byte[record.DataLength];
                log.Read(record.Data, data);
                text += ":" + Encoding.UTF8.GetString(data);
            }

            Replayed.Add(text);
            WereDurable.Add(record.IsDurable);
            Epochs.Add(record.Epoch);
            return true;
        });
    }

    /// <summary>Copies all files as a crash of the process at some moment would leave them, also while others write: what is copied later was written earlier, and stands for nothing that was copied before.</summary>
    public string Copy(string? folder = null)
    {
        var from = folder ?? Path;
        var copy = System.IO.Path.Combine(Path, $"copy-{_copies++}");
        while (true)
        {
            Directory.CreateDirectory(copy);
            var names = Names(from);
            var journals = names.Where(static name => name.StartsWith("journal-", StringComparison.Ordinal)).ToArray();
            foreach (var name in journals.Reverse())
                CopyFromItsEnd(System.IO.Path.Combine(from, name), System.IO.Path.Combine(copy, name));

            // Records name what was written before they were.
            foreach (var name in names.Except(journals))
                File.Copy(System.IO.Path.Combine(from, name), System.IO.Path.Combine(copy, name));

            // A file that has come meanwhile may be named by what was copied after it came.
            if (names.SequenceEqual(Names(from)))
                break;
            Directory.Delete(copy, recursive: true);
        }

        return copy;
    }

    // A mark says of what stands before it that it is durable.
    static void CopyFromItsEnd(string from, string to)
    {
        const int Piece = 4096;
        using var source = File.OpenHandle(from, share: FileShare.ReadWrite);
        using var copy = File.OpenHandle(to, FileMode.CreateNew, FileAccess.Write);
        var piece = new byte[Piece];
        for (var at = (RandomAccess.GetLength(source) - 1) & -Piece; at >= 0; at -= Piece)
            RandomAccess.Write(copy, piece.AsSpan(0, RandomAccess.Read(source, piece, at)), at);
    }

    static string[] Names(string folder) => [.. Directory.EnumerateFiles(folder).Select(static file => System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public string[] Files(string pattern) => [.. Directory.EnumerateFiles(Path, pattern).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static WriteBoundary Told(Action<WriteStep, string, bool> crossed) => new(crossed);
}
