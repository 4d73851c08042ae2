using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Hosts.PlatonicHost;
using Vt.Stores.DataDir;
using Vt.Stores.Memory;
using Vt.Stores.Platonic;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;

namespace Vt.Tests.Platonic;

/// <summary>A folder with a platonic store of it, and a way to scan it.</summary>
sealed class PlatonicBed : IDisposable
{
    readonly TempFolder _folder;

    public PlatonicBed(bool inMemory = false)
    {
        _folder = new TempFolder(inMemory);
        _folder.Make("files");
    }

    public List<ImportIssue> Issues { get; } = [];

    public List<string> Notices { get; } = [];

    public string Files => _folder["files"];

    public string State => _folder["state"];

    public string Archive => _folder["tree.vt"];

    public ImportCounters Counters { get; private set; } = new();

    public WriteBoundary? Boundary { get; set; }

    public bool FollowSymlinks { get; set; }

    public string this[string name] => Path.Combine(Files, name);

    public void Dispose() => _folder.Dispose();

    public string Elsewhere(string name) => _folder[name];

    public string Write(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public static byte[] Random(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async Task<PlatonicStore> OpenAsync(IBlockStore? meta = null, bool isReadOnly = false)
    {
        if (meta is null)
        {
            if (!File.Exists(Path.Combine(State, "meta", "config")))
            {
                Directory.CreateDirectory(State);
                DataDirStore.Initialise(Path.Combine(State, "meta"));
            }

            meta = DataDirStore.Open(Path.Combine(State, "meta"), new DataDirOptions { IsReadOnly = isReadOnly, Boundary = Boundary });
        }

        return await PlatonicStore.OpenAsync(meta, new PlatonicOptions { Folder = Files, State = State, IsReadOnly = isReadOnly, Boundary = Boundary });
    }

    public async Task<ScanResult> ScanAsync(PlatonicStore? store = null, Func<byte[], bool>? scope = null)
    {
        await using var own = store is null ? await OpenAsync() : null;
        Counters = new ImportCounters();
        var options = new ScanOptions { Archive = Archive, FollowSymlinks = FollowSymlinks, Boundary = Boundary, OnIssue = Issues.Add, OnNotice = Notices.Add };
        return await new PlatonicScanner(store ?? own!, options).ScanAsync(Counters, scope);
    }

    /// <summary>The root that an import of the folder gives.</summary>
    public async Task<Dirent> ImportAsync(Dirent? previous = null, IBlockStore? store = null)
    {
        await using var memory = new MemoryStore();
        return (await new Importer(store ?? memory).ImportAsync(
            Encoding.UTF8.GetBytes(Files), previous, default, new ImportOptions { Delete = true, FollowSymlinks = FollowSymlinks })).Root;
    }

    /// <summary>What a store gives for a file of the newest tree.</summary>
    public async Task<byte[]> ReadAsync(IBlockStore store, string path)
    {
        var root = new ArchiveFile(Archive, TimeProvider.System).ReadLast()!.Root;
        var reader = new DirectoryReader(store, new DirectoryNodeCache());
        var entry = await TreePath.ResolveAsync(reader, root, Encoding.UTF8.GetBytes(path)) ?? throw new FileNotFoundException(path);
        if (entry is { Kind: DirentKind.Indirect, Uuid: { } uuid })
            entry = (await reader.LookupInodeAsync(root.Inodes, uuid))!;
        var content = new byte[entry.Content.Span];
        var read = await new BlockTreeReader(store, entry.Content).ReadAsync(0, content);
        Assert.Equal(content.Length, read);
        return content;
    }

    /// <summary>The first data block of a file of the newest tree.</summary>
    public async Task<WalkedRef[]> BlocksAsync(IBlockStore store, string path)
    {
        var root = new ArchiveFile(Archive, TimeProvider.System).ReadLast()!.Root;
        var entry = await TreePath.ResolveAsync(new DirectoryReader(store, new DirectoryNodeCache()), root, Encoding.UTF8.GetBytes(path));
        return await new BlockTreeWalker(store).WalkAsync(entry!.Content).Where(walked => walked.Reference.Kind == BlockRefKind.Direct).ToArrayAsync();
    }
}
