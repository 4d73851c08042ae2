using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Dirents;
using Vt.Trees.Import;

namespace Vt.Tests.Files;

/// <summary>A folder that is imported and then seen as a mount would see it, without a kernel.</summary>
sealed class MountedFiles : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    ReadOnlyFileSystem? _files;

    public MountedFiles()
    {
        Store = new DamagedStore(new MemoryStore());
        Source = _folder.Make("source");
    }

    public DamagedStore Store { get; }

    /// <summary>The folder that is imported.</summary>
    public string Source { get; }

    /// <summary>What the file system logged.</summary>
    public List<string> Log { get; } = [];

    public ReadOnlyFileSystem Files => _files ?? throw new InvalidOperationException("nothing is mounted");

    public async ValueTask DisposeAsync()
    {
        _files?.Dispose();
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Imports the folder as it is now.</summary>
    public async Task<Dirent> ImportAsync(Dirent? previous = null)
    {
        var result = await new Importer(Store).ImportAsync(Encoding.UTF8.GetBytes(Source), previous);
        Assert.False(result.IsPartial);
        return result.Root;
    }

    /// <summary>Imports the folder and shows it.</summary>
    public async Task<Dirent> MountAsync(ReadOnlyFileSystemOptions? options = null)
    {
        var root = await ImportAsync();
        Mount(root, options);
        return root;
    }

    public void Mount(Dirent root, ReadOnlyFileSystemOptions? options = null) =>
        _files = new ReadOnlyFileSystem(Store, root, (options ?? new ReadOnlyFileSystemOptions()) with { Log = Say });

    /// <summary>Writes a file of the folder.</summary>
    public byte[] Write(string name, byte[] content)
    {
        var path = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return content;
    }

    /// <summary>Looks a path up, name by name.</summary>
    public async Task<Outcome<FoundNode>> FindAsync(string path)
    {
        var found = default(Outcome<FoundNode>) with { Value = new FoundNode(NodeId.Root, default) };
        foreach (var name in path.Split('/'))
        {
            found = await Files.LookupAsync(found.Value.Node, Encoding.UTF8.GetBytes(name));
            if (!found.Succeeded)
                return found;
        }

        return found;
    }

    /// <summary>The node of a path that is there.</summary>
    public async Task<FoundNode> NodeAsync(string path)
    {
        var found = await FindAsync(path);
        Assert.True(found.Succeeded, $"{path}: {found.Error}");
        return found.Value;
    }

    /// <summary>Reads a range of a file.</summary>
    public async Task<(Errno Error, byte[] Bytes)> ReadAsync(NodeId node, long offset, int length)
    {
        var buffer = new byte[length];
        var read = await Files.ReadAsync(node, offset, buffer);
        return (read.Error, read.Succeeded ? buffer[..read.Value] : []);
    }

    /// <summary>The leaves of a file's content.</summary>
    public async Task<List<LeafExtent>> LeavesAsync(Dirent root, string name)
    {
        var reader = new Vt.Trees.Directories.DirectoryReader(Store, new Vt.Trees.Directories.DirectoryNodeCache());
        var file = await reader.LookupAsync(root.Content, Encoding.UTF8.GetBytes(name));
        return await new BlockTreeReader(Store, file!.Content).GetLeavesAsync(0, file.Content.Span).ToListAsync();
    }

    void Say(string line)
    {
        lock (Log)
            Log.Add(line);
    }
}
