using Vt.Blocks.Contracts;
using Vt.Files.Virtual;
using Vt.Stores.DataDir.Archiving;
using Vt.Stores.PackFile;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Packing;

namespace Vt.Mounts;

/// <summary>A stored folder as a store file of its own: a pack that has every block that it is made of, and begins with a reference to it.</summary>
static class StoreFile
{
    /// <summary>The folder's store file in mounts: <c>.vt-archive.vtd</c>.</summary>
    public static VirtualFormat Format { get; } = new(
        ".vt-archive.vtd"u8.ToArray(), static async (directories, folder, cancellationToken) => (await MakeAsync(directories, folder, cancellationToken)).Archive);

    /// <summary>Lays a folder's store file out.</summary>
    /// <param name="directories">Reads the tree.</param>
    /// <param name="folder">The folder, with the inode table of its tree.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The file, and the dirent that it is made for.</returns>
    public static async ValueTask<(PackArchive Archive, Dirent Root)> MakeAsync(DirectoryReader directories, Dirent folder, CancellationToken cancellationToken)
    {
        var blocks = await TreeBlocks.FindAsync(directories, folder, PackArchive.MostBlocks, cancellationToken);
        var top = new List<PackedBlock>();
        foreach (var block in PackFileTop.OfTree(blocks.Store.Chunking, blocks.Root.ToString()).Encode())
        {
            // Stays in memory: what was made for the file is in front of the store.
            var hash = blocks.Store.Hasher.Hash(block);
            await blocks.Store.AddManyAsync(block, new[] { new BlockSlot(hash, 0, block.Length, BlockContent.Tree) }, cancellationToken);
            top.Add(new PackedBlock(hash, block.Length, BlockContent.Tree));
        }

        return (PackArchive.Create(blocks.Store, [.. top, .. blocks.Blocks]), blocks.Root);
    }

    /// <summary>The references that a store file begins with; of one that an earlier version made of a folder, the one to its dirent.</summary>
    /// <exception cref="FormatInvalidException">It is no pack, or its beginning is damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadReferences(string path) =>
        PackFileStore.ReadTop(path)?.References
        ?? new Dictionary<string, string> { [PackFileTop.OneTree] = Dirent.Decode(PackArchive.ReadFirstBlock(path)).ToString() };
}
