using Vt.Blocks.Contracts;

namespace Vt.Tests.Files.Journal;

/// <summary>
/// Knows what of a folder's files was synced, and makes copies as a power cut could leave them: of what was not synced any page may be there or not.
/// For use by one thread.
/// </summary>
sealed class PowerCuts(string folder, Random random)
{
    const int Page = 4096;

    readonly Dictionary<string, byte[]> _syncing = [];
    readonly Dictionary<string, byte[]> _synced = [];

    /// <summary>Takes part in every change; to be called from the boundary.</summary>
    public void Cross(WriteStep step, string path, bool isDone)
    {
        switch (step)
        {
            case WriteStep.SyncFile when !isDone:
                _syncing[path] = ReadShared(path);
                break;
            case WriteStep.SyncFile:
                _synced[path] = _syncing[path];
                break;
            case WriteStep.Unlink when isDone:
                _synced.Remove(path);
                break;
            case WriteStep.Rename when isDone:
                _renamed = (path, _synced.GetValueOrDefault(path) ?? []);
                _synced.Remove(path);
                break;
            case WriteStep.SyncFolder when !isDone && _renamed is { } renamed:
                var to = Directory.EnumerateFiles(folder).Where(file => !_synced.ContainsKey(file)).Max(StringComparer.Ordinal)!;
                _synced[to] = renamed.Content;
                _renamed = null;
                break;
        }
    }

    (string From, byte[] Content)? _renamed;

    /// <summary>Makes a copy.</summary>
    /// <param name="target">A folder that is not there.</param>
    /// <param name="isKill">Whether only the process died, so that all that was written is there.</param>
    public void Cut(string target, bool isKill)
    {
        Directory.CreateDirectory(target);
        var chance = random.Next(5);
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            var now = ReadShared(file);
            if (!isKill)
            {
                var synced = _synced.GetValueOrDefault(file) ?? [];
                for (var at = 0; at < now.Length; at += Page)
                {
                    var length = Math.Min(Page, now.Length - at);
                    if (random.Next(4) < chance)
                        continue;
                    var page = now.AsSpan(at, length);
                    page.Clear();
                    if (at < synced.Length)
                        synced.AsSpan(at, Math.Min(length, synced.Length - at)).CopyTo(page);
                }
            }

            File.WriteAllBytes(Path.Combine(target, Path.GetFileName(file)), now);
        }
    }

    static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
