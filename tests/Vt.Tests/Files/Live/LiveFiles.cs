using System.Text;
using Vt.Files;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Meta;

namespace Vt.Tests.Files.Live;

/// <summary>
/// An archive that is open for writing, without a kernel, over a store in memory. It can be closed and opened again, and it can crash: go on
/// with the files as they lay on the disk at that moment.
/// </summary>
sealed class LiveFiles : IAsyncDisposable
{
    public static readonly Caller Root = new(0, 0);

    readonly TempFolder _folder = new(inMemory: true);
    readonly MemoryStore _store = new();
    readonly List<LiveArchive> _crashed = [];
    LiveArchive? _archive;
    int _generation;

    LiveFiles()
    {
    }

    public LiveFileSystem Files => Archive.Files;

    public LiveArchive Archive => _archive!;

    /// <summary>Which archive is open, or will be opened.</summary>
    public string Name { get; set; } = "a";

    /// <summary>What the next opening is given.</summary>
    public LiveFileSystemOptions Options { get; set; } = new() { CheckpointInterval = TimeSpan.FromHours(1) };

    /// <summary>Where the archive of this run lies.</summary>
    public string ArchivePath => PathOf(Name);

    /// <summary>Where the files of this run lie.</summary>
    public string Folder => _folder[$"run{_generation}"];

    public MemoryStore Store => _store;

    /// <summary>Opens a new archive.</summary>
    public static async Task<LiveFiles> OpenAsync()
    {
        var files = new LiveFiles();
        files._folder.Make("run0");
        await files.StartAsync();
        return files;
    }

    public async ValueTask DisposeAsync()
    {
        if (_archive is not null)
            await _archive.DisposeAsync();
        foreach (var archive in _crashed)
            await archive.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Unmounts and mounts.</summary>
    public async Task ReopenAsync()
    {
        var before = _archive!;
        _archive = null;
        await before.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Where an archive of this run lies.</summary>
    public string PathOf(string name) => _folder[$"run{_generation}/{name}.vt"];

    /// <summary>Unmounts and goes on with what a copy of <see cref="Folder"/> has.</summary>
    public async Task ReplaceAsync(string copy)
    {
        try
        {
            if (_archive is { } before)
                await before.DisposeAsync();
        }
        catch (IOException)
        {
            // Its disk has failed, and it can't end in order.
        }

        _archive = null;
        _generation++;
        Copy(copy, Folder);
        await StartAsync();
    }

    /// <summary>Copies the files of this run.</summary>
    public void CopyTo(string copy) => Copy(Folder, copy);

    /// <summary>Becomes another tree or archive.</summary>
    public async Task<List<TreeNotice>> TurnAsync(ArchiveTurn turn)
    {
        var notices = Need(await Archive.TurnAsync(turn), "turn");
        Name = Path.GetFileNameWithoutExtension(turn.Archive);
        return notices;
    }

    /// <summary>Goes on as after the death of the server behind an fsync.</summary>
    public async Task CrashAsync()
    {
        Assert.Equal(Errno.OK, await Files.FsyncAsync(NodeId.Root));
        var before = Path.GetDirectoryName(ArchivePath)!;
        _generation++;
        Copy(before, Path.GetDirectoryName(ArchivePath)!);
        while (!Names(before).SequenceEqual(Names(Path.GetDirectoryName(ArchivePath)!)))
        {
            // A file of the log has come or gone meanwhile.
            Directory.Delete(Path.GetDirectoryName(ArchivePath)!, recursive: true);
            Copy(before, Path.GetDirectoryName(ArchivePath)!);
        }

        _crashed.Add(_archive!);
        _archive = null;
        await StartAsync();
    }

    public async Task CheckpointAsync() => await Files.CheckpointAsync();

    /// <summary>The states, the newest first.</summary>
    public IReadOnlyList<ArchiveState> States() => [.. new ArchiveFile(ArchivePath, TimeProvider.System).ReadBackwards()];

    public async Task<NodeId> MakeAsync(string path, uint mode = ModeBits.S_IFREG | 0x1a4, DeviceId? device = null)
    {
        var (directory, name) = await ParentAsync(path);
        return Need(await Files.MakeAsync(Root, directory, name, mode, 0, device), path).Node;
    }

    public Task<NodeId> MkdirAsync(string path) => MakeAsync(path, ModeBits.S_IFDIR | 0x1ed);

    public async Task SymlinkAsync(string target, string path)
    {
        var (directory, name) = await ParentAsync(path);
        Need(await Files.SymlinkAsync(Root, directory, name, Encoding.UTF8.GetBytes(target)), path);
    }

    public async Task<Errno> LinkAsync(NodeId node, string path)
    {
        var (directory, name) = await ParentAsync(path);
        return (await Files.LinkAsync(node, directory, name)).Error;
    }

    public async Task<Errno> LinkAsync(string existing, string path) => await LinkAsync(await NodeAsync(existing), path);

    public async Task<Errno> UnlinkAsync(string path)
    {
        var (directory, name) = await ParentAsync(path);
        return await Files.UnlinkAsync(directory, name);
    }

    public async Task<Errno> RmdirAsync(string path)
    {
        var (directory, name) = await ParentAsync(path);
        return await Files.RmdirAsync(directory, name);
    }

    public async Task<Errno> RenameAsync(string path, string newPath, RenameOptions options = RenameOptions.None)
    {
        var (directory, name) = await ParentAsync(path);
        var (newDirectory, newName) = await ParentAsync(newPath);
        return await Files.RenameAsync(Root, directory, name, newDirectory, newName, options);
    }

    public async Task<NodeId> WriteAsync(string path, string text) => await WriteAsync(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file from its beginning on; makes it where it isn't there.</summary>
    public async Task<NodeId> WriteAsync(string path, byte[] bytes)
    {
        var found = await FindAsync(path);
        var node = found.Succeeded ? found.Value.Node : await MakeAsync(path);
        await WriteAsync(node, 0, bytes);
        return node;
    }

    public async Task WriteAsync(NodeId node, long offset, byte[] bytes) => Assert.Equal(bytes.Length, Need(await Files.WriteAsync(node, offset, bytes), "write"));

    public async Task<byte[]> ReadAsync(NodeId node)
    {
        var size = Need(await Files.GetattrAsync(node), "getattr").Size;
        var bytes = new byte[size];
        Assert.Equal(size, Need(await Files.ReadAsync(node, 0, bytes), "read"));
        return bytes;
    }

    public async Task<string> ReadAsync(string path) => Encoding.UTF8.GetString(await ReadAsync(await NodeAsync(path)));

    public async Task<string> ReadlinkAsync(string path) => Encoding.UTF8.GetString(Need(await Files.ReadlinkAsync(await NodeAsync(path)), path).Span);

    public async Task<InodeAttributes> StatAsync(string path) => Need(await Files.GetattrAsync(await NodeAsync(path)), path);

    public async Task<Errno> SetattrAsync(string path, StatusChange change) => (await Files.SetattrAsync(await NodeAsync(path), change)).Error;

    public async Task<Errno> SetxattrAsync(string path, string name, byte[] value) =>
        await Files.SetxattrAsync(default, await NodeAsync(path), Encoding.UTF8.GetBytes(name), value, false, false, false);

    public async Task<byte[]?> GetxattrAsync(string path, string name)
    {
        var outcome = await Files.GetxattrAsync(await NodeAsync(path), Encoding.UTF8.GetBytes(name));
        return outcome.Error == Errno.ENODATA ? null : Need(outcome, name).ToArray();
    }

    /// <summary>Looks a path up; the caller holds a lookup of what it leads to, but none of what is on the way.</summary>
    public async Task<Outcome<FoundNode>> FindAsync(string path)
    {
        var found = default(Outcome<FoundNode>) with { Value = new FoundNode(NodeId.Root, default) };
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var above = found.Value.Node;
            found = await Files.LookupAsync(above, Encoding.UTF8.GetBytes(name));
            Files.Forget(above, above == NodeId.Root ? 0ul : 1);
            if (!found.Succeeded)
                break;
        }

        return found;
    }

    public async Task<NodeId> NodeAsync(string path) => Need(await FindAsync(path), path).Node;

    /// <summary>The names in a directory, in the order of the listing.</summary>
    public async Task<List<string>> ListAsync(string path)
    {
        var node = await NodeAsync(path);
        var listing = Files.OpenDirectory(node).Value;
        var names = new List<string>();
        ulong position = 2;
        Assert.Equal(Errno.OK, await Files.PrepareAsync(node, listing, 0, 10));
        while (true)
        {
            switch (listing.Next(ref position, out var entry))
            {
                case ListingStep.End:
                    return names;
                case ListingStep.Entry:
                    names.Add(Encoding.UTF8.GetString(entry.Name.Span));
                    break;
                default:
                    Assert.Equal(Errno.OK, await Files.PrepareAsync(node, listing, position, 10));
                    break;
            }
        }
    }

    /// <summary>Everything that can be seen, a line for each name.</summary>
    public async Task<List<string>> DescribeAsync()
    {
        var lines = new List<string>();
        await DescribeAsync("", lines);
        return lines;
    }

    async Task DescribeAsync(string path, List<string> lines)
    {
        var stat = await StatAsync(path);
        var xattrs = Encoding.UTF8.GetString(Need(await Files.ListxattrAsync(await NodeAsync(path)), path).Span);
        var type = stat.Mode & ModeBits.S_IFMT;
        var content = type == ModeBits.S_IFREG ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await ReadAsync(await NodeAsync(path))))
            : type == ModeBits.S_IFLNK ? await ReadlinkAsync(path)
            : "";
        lines.Add($"/{path} {Convert.ToString(stat.Mode, 8)} {stat.Uid}:{stat.Gid} links {stat.Links} size {stat.Size} {stat.DeviceMajor}:{stat.DeviceMinor} ino {stat.Number} {stat.Modified} {xattrs.Replace('\0', ' ')}{content}");
        if (type != ModeBits.S_IFDIR)
            return;
        foreach (var name in await ListAsync(path))
            await DescribeAsync(path.Length == 0 ? name : $"{path}/{name}", lines);
    }

    async Task<(NodeId Directory, byte[] Name)> ParentAsync(string path)
    {
        var cut = path.LastIndexOf('/');
        return (cut < 0 ? NodeId.Root : await NodeAsync(path[..cut]), Encoding.UTF8.GetBytes(path[(cut + 1)..]));
    }

    async Task StartAsync() =>
        _archive = await LiveArchive.OpenAsync(_store, ArchivePath, null, Options);

    static T Need<T>(Outcome<T> outcome, string what)
    {
        Assert.True(outcome.Succeeded, $"{what}: {outcome.Error}");
        return outcome.Value;
    }

    static List<string> Names(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => file[folder.Length..]).Where(static name => Path.GetFileName(name) != "lock").Order()];

    static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from).Where(static file => Path.GetFileName(file) != "lock"))
        {
            // Unlike File.Copy takes no lock. What is not there has gone since it was listed.
            if (PosixFile.TryOpen(file, OpenFlags.O_RDONLY, 0, out var source) is var error && error == Errno.ENOENT)
                continue;
            using (source)
            {
                Assert.Equal(Errno.OK, error);
                var bytes = new byte[PosixFile.Fstat(source).Size];
                File.WriteAllBytes(Path.Combine(to, Path.GetFileName(file)), bytes[..PosixFile.PreadUpTo(source, bytes, 0)]);
            }
        }

        foreach (var folder in Directory.GetDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
