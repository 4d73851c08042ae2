using Vt.Files.Virtual;
using Vt.Stores.DataDir.Archiving;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Packing;

namespace Vt.Mounts;

/// <summary>A stored folder as a store file of its own: a pack that has every block that it is made of.</summary>
static class StoreFile
{
    /// <summary>The folder's store file in mounts: <c>.vt-archive.vtd</c>.</summary>
    public static VirtualFormat Format { get; } = new(
        ".vt-archive.vtd"u8.ToArray(), static async (directories, folder, cancellationToken) => (await MakeAsync(directories, folder, cancellationToken)).Archive);

    /// <summary>Lays a folder's store file out.</summary>
    /// <param name="directories">Reads the tree.</param>
    /// <param name="folder">The folder, with the inode table of its tree.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The file, and the dirent that it begins with.</returns>
    public static async ValueTask<(PackArchive Archive, Dirent Root)> MakeAsync(DirectoryReader directories, Dirent folder, CancellationToken cancellationToken)
    {
        var blocks = await TreeBlocks.FindAsync(directories, folder, PackArchive.MostBlocks, cancellationToken);
        return (PackArchive.Create(blocks.Store, blocks.Blocks), blocks.Root);
    }

    /// <summary>The dirent that a store file begins with.</summary>
    public static Dirent ReadRoot(string path) => Dirent.Decode(PackArchive.ReadFirstBlock(path));
}
