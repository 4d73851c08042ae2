using Vt.Blocks.Contracts;
using Vt.Hosts.HttpServer;
using Vt.Posix;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Dirents;
using Vt.Trees.Import;

namespace Vt.Tests.Http;

/// <summary>A tree on the disk, stored, and served.</summary>
sealed class ServedTree : IAsyncDisposable
{
    ServedTree(TempFolder folder, IBlockStore store, Dirent root, HttpBed bed)
    {
        Folder = folder;
        Store = store;
        Root = root;
        Bed = bed;
    }

    public TempFolder Folder { get; }

    public IBlockStore Store { get; }

    public Dirent Root { get; }

    public HttpBed Bed { get; }

    /// <summary>Where the tree is, with a slash at the end.</summary>
    public string Url => $"/d/{UrlPath.Encode(Root.ToString())}/";

    public static async Task<ServedTree> MakeAsync(Action<TempFolder> fill, Func<IBlockStore, IBlockStore>? wrap = null)
    {
        var folder = new TempFolder();
        fill(folder);
        var store = new MemoryStore();
        var imported = await new Importer(store).ImportAsync(folder.Bytes);
        return new ServedTree(folder, store, imported.Root, await HttpBed.StartAsync(wrap?.Invoke(store) ?? store));
    }

    /// <summary>Makes an empty file whose name is bytes.</summary>
    public static void MakeFile(TempFolder folder, byte[] name) =>
        PosixFile.Open((byte[])[.. folder.Bytes, (byte)'/', .. name], OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0x1a4).Dispose();

    public async ValueTask DisposeAsync()
    {
        await Bed.DisposeAsync();
        Folder.Dispose();
    }
}
