using Vt.Blocks.BlockTree;
using Vt.Output;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Dumps;

/// <summary>Lists a directory's or inode table's entries as texts.</summary>
/// <param name="reader">Reads the store.</param>
/// <param name="output">Where it goes.</param>
sealed class DirectoryDump(DirectoryReader reader, ResultWriter output)
{
    /// <summary>Prints a dirent and, if it is a directory, its entries and its table of hard-linked inodes.</summary>
    public async Task PrintAsync(Dirent dirent, CancellationToken cancellationToken)
    {
        output.WriteLine(dirent.ToString());
        if (dirent.Kind != DirentKind.Directory)
            return;
        await PrintAsync("entries", dirent.Content, DirectoryOrder.Names, cancellationToken);
        await PrintAsync("inodes", dirent.Inodes, DirectoryOrder.Uuids, cancellationToken);
    }

    async Task PrintAsync(string what, BlockRef directory, DirectoryOrder order, CancellationToken cancellationToken)
    {
        var root = await reader.GetRootAsync(directory, order, cancellationToken);
        if (root.Entries == 0)
            return;
        output.WriteLine($"{root.Entries} {what}, {root.Subdirectories} of them directories:");
        await foreach (var entry in reader.EnumerateAsync(directory, order: order, cancellationToken: cancellationToken))
            output.WriteLine("  " + entry);
    }
}
