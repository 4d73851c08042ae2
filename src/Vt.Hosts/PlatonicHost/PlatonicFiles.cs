using System.Globalization;
using System.Text;
using Vt.Posix;
using Vt.Stores.Platonic;

namespace Vt.Hosts.PlatonicHost;

/// <summary>The notes in a platonic store's state folder that are for people only.</summary>
public static class PlatonicFiles
{
    const int LastScanNumbers = 7;
    const int WatcherNumbers = 3;

    /// <summary>What the last scan found; null where there was none, or its note is damaged.</summary>
    public static LastScan? ReadLastScan(PlatonicLayout layout)
    {
        if (!File.Exists(layout.LastScan))
            return null;
        var words = File.ReadAllText(layout.LastScan).TrimEnd('\n').Split(' ');
        var numbers = new long[LastScanNumbers];
        if (words.Length != numbers.Length)
            return null;
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!long.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return null;
        }

        return new LastScan(
            DateTimeOffset.FromUnixTimeSeconds(numbers[0]), numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], TimeSpan.FromMilliseconds(numbers[6]));
    }

    /// <summary>Who watches the folder now; null where nobody does.</summary>
    public static WatcherNote? ReadWatcher(PlatonicLayout layout)
    {
        if (PosixFile.TryOpen(layout.Watching, OpenFlags.O_RDWR, 0, out var file) != Errno.OK)
        {
            file.Dispose();
            return null;
        }

        using (file)
        {
            if (Locks.FindRange(file, LockKind.Shared, 0, 1) is null)
                return null;
            var room = new byte[64];
            var text = Encoding.ASCII.GetString(room, 0, PosixFile.PreadUpTo(file, room, 0));
            return ParseWatcher(text.TrimEnd('\n').Split(' '));
        }
    }

    static WatcherNote? ParseWatcher(string[] words) =>
        words.Length == WatcherNumbers && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process)
        && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var watches)
        && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var unwatched)
            ? new WatcherNote(process, watches, unwatched)
            : null;

    /// <summary>Replaces a file by rename, without making it durable: it is for people to read.</summary>
    internal static void Replace(string path, string text, uint mode)
    {
        var fresh = path + ".new";
        using (var file = PosixFile.Open(fresh, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, mode))
            PosixFile.PwriteFully(file, Encoding.ASCII.GetBytes(text), 0);
        PosixFile.Rename(fresh, path);
    }
}
