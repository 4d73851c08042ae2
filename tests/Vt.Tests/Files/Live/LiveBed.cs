using System.Text;
using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Archives;

namespace Vt.Tests.Files.Live;

/// <summary>
/// A live archive without a kernel, which can be killed: what its process would leave, an archive and a state folder, is copied as it is
/// and opened. Checkpoints are made when a test says so.
/// </summary>
sealed class LiveBed : IAsyncDisposable
{
    const uint FileMode = ModeBits.S_IFREG | 0x1a4;
    const uint DirectoryMode = ModeBits.S_IFDIR | 0x1ed;

    readonly TempFolder _temp = new(inMemory: true);
    LiveArchive? _archive;
    int _life;

    public LiveBed() => Store = new UnsteadyStore(new MemoryStore());

    public UnsteadyStore Store { get; }

    public List<string> Log { get; } = [];

    public TimeSpan Interval { get; set; } = TimeSpan.FromDays(1);

    public long? MostContent { get; set; }

    public bool IsAppendOnly { get; set; }

    /// <summary>The rules that the next opening is given; null for none, so that those count which are remembered.</summary>
    public LocalRules? Rules { get; set; }

    public string ArchivePath => _temp[$"{_life}.vt"];

    public string StateFolder => ArchivePath + LiveArchive.StateFolderExtension;

    public LiveFileSystem Files => _archive!.Files;

    public string[] StateFiles => [.. Directory.GetFiles(StateFolder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        Store.Fault = null;
        if (_archive is not null)
            await _archive.DisposeAsync();
        await Store.DisposeAsync();
        _temp.Dispose();
    }

    public async Task OpenAsync(WriteBoundary? boundary = null)
    {
        var options = new LiveFileSystemOptions { CheckpointInterval = Interval, MostContent = MostContent, IsAppendOnly = IsAppendOnly, Rules = Rules, Log = Log.Add };
        _archive = await LiveArchive.OpenAsync(Store, ArchivePath, null, boundary is null ? options : options with { Boundary = boundary });
    }

    /// <summary>Ends it in order.</summary>
    public async Task CloseAsync()
    {
        var archive = _archive!;
        _archive = null;
        await archive.DisposeAsync();
    }

    /// <summary>Kills it: what follows is made of what was in files at that moment. What was fsynced is.</summary>
    public async Task KillAsync()
    {
        var (archive, folder) = (ArchivePath, StateFolder);
        _life++;
        Copy(archive, folder, ArchivePath);
        if (_archive is { } killed)
            await killed.DisposeAsync();
        _archive = null;
        await OpenAsync();
    }

    /// <summary>Copies what there is in files now, under the same names.</summary>
    public void CopyTo(string folder)
    {
        if (File.Exists(ArchivePath))
            Copy(ArchivePath, StateFolder, Path.Combine(folder, Path.GetFileName(ArchivePath)));
    }

    public async Task FsyncAsync() => Assert.Equal(Errno.OK, await Files.FsyncAsync(NodeId.Root));

    public async Task<NodeId> MakeAsync(string name, NodeId? directory = null) => (await MakeAsync(name, FileMode, directory)).Node;

    public async Task<NodeId> MkdirAsync(string name, NodeId? directory = null) => (await MakeAsync(name, DirectoryMode, directory)).Node;

    public async Task<NodeId> WriteAsync(string name, byte[] content, NodeId? directory = null)
    {
        var file = await MakeAsync(name, directory);
        await WriteAsync(file, 0, content);
        return file;
    }

    public async Task WriteAsync(NodeId file, long offset, byte[] content) =>
        Assert.Equal(content.Length, Value(await Files.WriteAsync(file, offset, content)));

    public async Task<NodeId> FindAsync(string path)
    {
        var at = NodeId.Root;
        foreach (var name in path.Split('/'))
            at = Value(await Files.LookupAsync(at, Bytes(name))).Node;
        return at;
    }

    public async Task<bool> ExistsAsync(string name, NodeId? directory = null) =>
        (await Files.LookupAsync(directory ?? NodeId.Root, Bytes(name))).Succeeded;

    public async Task<byte[]> ReadAsync(string path)
    {
        var file = await FindAsync(path);
        var size = Value(await Files.GetattrAsync(file)).Size;
        var content = new byte[size];
        Assert.Equal(size, Value(await Files.ReadAsync(file, 0, content)));
        return content;
    }

    public async Task UnlinkAsync(string name, NodeId? directory = null) =>
        Assert.Equal(Errno.OK, await Files.UnlinkAsync(directory ?? NodeId.Root, Bytes(name)));

    public async Task RenameAsync(string name, string newName, NodeId? directory = null, NodeId? newDirectory = null) => Assert.Equal(
        Errno.OK,
        await Files.RenameAsync(default, directory ?? NodeId.Root, Bytes(name), newDirectory ?? NodeId.Root, Bytes(newName), RenameOptions.None));

    /// <summary>The archive's states, oldest first.</summary>
    public IReadOnlyList<ArchiveState> States => new ArchiveFile(ArchivePath, TimeProvider.System).ReadAll().States;

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Random(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static T Value<T>(Outcome<T> outcome)
    {
        Assert.Equal(Errno.OK, outcome.Error);
        return outcome.Value;
    }

    static void Copy(string archive, string folder, string to)
    {
        CopyFile(archive, to);
        if (!Directory.Exists(folder))
            return;
        Directory.CreateDirectory(to + LiveArchive.StateFolderExtension);

        // The lock is held, and says nothing.
        foreach (var file in Directory.GetFiles(folder).Where(static file => Path.GetFileName(file) != "lock"))
            CopyFile(file, Path.Combine(to + LiveArchive.StateFolderExtension, Path.GetFileName(file)));
    }

    // Unlike File.Copy takes no lock. What is gone meanwhile is a spare file that gets another name, or one that nothing needs any more.
    static void CopyFile(string from, string to)
    {
        var error = PosixFile.TryOpen(from, OpenFlags.O_RDONLY, 0, out var file);
        using var closing = file;
        if (error == Errno.ENOENT)
            return;
        Assert.Equal(Errno.OK, error);
        var bytes = new byte[PosixFile.Fstat(file).Size];
        File.WriteAllBytes(to, bytes[..PosixFile.PreadUpTo(file, bytes, 0)]);
    }

    async Task<FoundNode> MakeAsync(string name, uint mode, NodeId? directory) =>
        Value(await Files.MakeAsync(new Caller(0, 0), directory ?? NodeId.Root, Bytes(name), mode, 0));
}
