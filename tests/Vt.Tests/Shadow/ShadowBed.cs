using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Hosts.ShadowHost;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;
using Vt.Trees.Shadow;

namespace Vt.Tests.Shadow;

/// <summary>Folders that are shadows of one archive, and ways to change them.</summary>
sealed class ShadowBed : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly MemoryStore _store = new();
    readonly DirectoryNodeCache _cache = new();

    public List<string> Notices { get; } = [];

    public List<ImportIssue> Issues { get; } = [];

    public ConflictRule Rule { get; set; }

    public ShadowDirection Direction { get; set; }

    public WriteBoundary? Boundary { get; set; }

    public bool Force { get; set; }

    public bool Anew { get; set; }

    public string Archive => _folder["tree.vt"];

    public int States => File.Exists(Archive) ? new ArchiveFile(Archive, TimeProvider.System).ReadAll().States.Count : 0;

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    public string Make(string name) => _folder.Make(name);

    public void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], content);
    }

    public string Read(string path) => File.ReadAllText(_folder[path]);

    public async Task<ShadowReport> SyncAsync(string folder)
    {
        AwaitTick();
        using var files = new ShadowFiles(_folder[$"state-{folder}"]);
        files.Take();
        return await new ShadowRound(_store, files, OptionsOf(folder)).RunAsync(new ImportCounters());
    }

    public ShadowState? StateOf(string folder)
    {
        using var files = new ShadowFiles(_folder[$"state-{folder}"]);
        return files.Read();
    }

    /// <summary>Rounds by turns until there is nothing to do anywhere.</summary>
    public async Task SettleAsync(params string[] folders)
    {
        for (var i = 0; i < 8; i++)
        {
            var isQuiet = true;
            foreach (var folder in folders)
                isQuiet &= (await SyncAsync(folder)).IsQuiet;
            if (isQuiet)
                return;
        }

        Assert.Fail("the shadows answer each other for ever");
    }

    public ShadowOptions OptionsOf(string folder) => new()
    {
        Folder = _folder[folder],
        Archive = Archive,
        Hold = static () => new MemoryStream(),
        Host = folder,
        Rule = Rule,
        Direction = Direction,
        Boundary = Boundary,
        Force = Force,
        Anew = Anew,
        OnNotice = Notices.Add,
        OnIssue = Issues.Add,
    };

    /// <summary>The contents of all files in all states of the archive.</summary>
    public async Task<HashSet<string>> HistoryAsync()
    {
        var contents = new Dictionary<BlockRef, string>();
        var reader = new DirectoryReader(_store, _cache);
        foreach (var state in new ArchiveFile(Archive, TimeProvider.System).ReadAll().States)
        {
            var open = new Stack<Dirent>([state.Root]);
            while (open.TryPop(out var folder))
            {
                await foreach (var link in reader.EnumerateAsync(folder.Content))
                {
                    var entry = await TreePath.FollowAsync(reader, state.Root, link);
                    if (entry.Kind == DirentKind.Directory)
                        open.Push(entry);
                    else if (entry.Kind == DirentKind.File && !contents.ContainsKey(entry.Content))
                        contents.Add(entry.Content, await ReadAsync(entry.Content));
                }
            }
        }

        return [.. contents.Values];
    }

    /// <summary>Waits until a file that is made now has another time than one that was made before: what happens within one tick of the clock leaves no trace.</summary>
    public void AwaitTick()
    {
        var path = _folder["tick"];
        File.WriteAllText(path, "");
        var before = File.GetLastWriteTimeUtc(path);
        while (File.GetLastWriteTimeUtc(path) == before)
            File.WriteAllText(path, "");
    }

    async Task<string> ReadAsync(BlockRef content)
    {
        var bytes = new byte[content.Span];
        await new BlockTreeReader(_store, content).ReadAsync(0, bytes, default);
        return Encoding.UTF8.GetString(bytes);
    }
}
