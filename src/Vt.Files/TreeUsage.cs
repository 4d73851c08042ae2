using Vt.Blocks.BlockTree;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <summary>How much content a tree has: the bytes of its files outside of holes, those with several names once.</summary>
static class TreeUsage
{
    /// <summary>What an inode's entry counts for.</summary>
    public static long Of(Dirent? entry) => entry?.Kind == DirentKind.File ? entry.Content.Span - (long)entry.Metadata.HoleSpan : 0;

    /// <summary>Counts a stored tree; it takes as long as listing it.</summary>
    public static async ValueTask<long> CountAsync(DirectoryReader reader, Dirent root, CancellationToken cancellationToken)
    {
        var sum = await CountAsync(reader, root.Inodes, DirectoryOrder.Uuids, null, cancellationToken);
        var folders = new Stack<BlockRef>([root.Content]);
        while (folders.TryPop(out var folder))
            sum += await CountAsync(reader, folder, DirectoryOrder.Names, folders, cancellationToken);
        return sum;
    }

    static async ValueTask<long> CountAsync(DirectoryReader reader, BlockRef directory, DirectoryOrder order, Stack<BlockRef>? folders, CancellationToken cancellationToken)
    {
        var sum = 0L;
        await foreach (var entry in reader.EnumerateAsync(directory, order: order, cancellationToken: cancellationToken))
        {
            sum += Of(entry);
            if (entry.Kind == DirentKind.Directory)
                folders?.Push(entry.Content);
        }

        return sum;
    }
}
