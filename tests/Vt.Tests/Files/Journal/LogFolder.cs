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

    /// <summary>Copies all files as they are, as a crash of the process would leave them.</summary>
    public string Copy(string? folder = null)
    {
        var copy = System.IO.Path.Combine(Path, $"copy-{_copies++}");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(folder ?? Path))
            File.Copy(file, System.IO.Path.Combine(copy, System.IO.Path.GetFileName(file)));
        return copy;
    }

    public string[] Files(string pattern) => [.. Directory.EnumerateFiles(Path, pattern).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static WriteBoundary Told(Action<WriteStep, string, bool> crossed) => new(crossed);
}
