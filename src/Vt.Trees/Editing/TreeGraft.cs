using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Editing;

/// <summary>
/// Makes entries of any tree of the store fit to stand in another, or once more in the same: inodes get other UUIDs, so that no copy is a hard link of its original, and hard
/// links among what is copied stay hard links. Contents are shared, and so are directories in which no inode has a UUID.
/// </summary>
/// <remarks>Not safe for use by several threads.</remarks>
/// <param name="reader">Reads the trees.</param>
/// <param name="batch">Takes new nodes. Drained by <see cref="CompleteAsync"/>.</param>
public sealed class TreeGraft(DirectoryReader reader, TreeBatch batch)
{
    readonly List<Dirent> _inodes = [];

    /// <summary>Copies an entry.</summary>
    /// <param name="inodes">The inode table of the tree that it is in.</param>
    /// <param name="entry">The entry; of a hard link the inode.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The copy, under the same name.</returns>
    public async ValueTask<Dirent> CopyAsync(BlockRef inodes, Dirent entry, CancellationToken cancellationToken = default)
    {
        if (entry.Kind != DirentKind.Directory)
            return entry with { Uuid = null, Inodes = default, Metadata = entry.Metadata with { LinkCount = 0 } };
        var links = new Dictionary<Guid, int>();
        var tree = await new UuidStripper(reader, batch, RenameAsync).StripAsync(entry.Content, cancellationToken);
        return entry with { Uuid = null, Inodes = default, Content = tree!.Value.Root.Content };

        async ValueTask<Guid> RenameAsync(Guid old, CancellationToken token)
        {
            if (!links.TryGetValue(old, out var at))
            {
                var inode = await reader.LookupInodeAsync(inodes, old, token) ?? throw new FormatInvalidException($"a hard link names inode {old:D}, which the table hasn't");
                links.Add(old, at = _inodes.Count);
                _inodes.Add(inode with { Uuid = Guid.NewGuid(), Metadata = inode.Metadata with { LinkCount = 0 } });
            }

            var copy = _inodes[at];
            _inodes[at] = copy with { Metadata = copy.Metadata with { LinkCount = copy.Metadata.LinkCount + 1 } };
            return copy.Uuid!.Value;
        }
    }

    /// <summary>The tree that an editor takes for the source of the copies: nothing but the table of their inodes.</summary>
    public async ValueTask<Dirent> CompleteAsync(CancellationToken cancellationToken = default)
    {
        var table = await DirectoryBuilder.BuildAsync(batch, _inodes, DirectoryOrder.Uuids, cancellationToken);
        await batch.DrainAsync(cancellationToken);
        return new Dirent { Kind = DirentKind.Directory, Inodes = table.Content };
    }
}
