using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Archives;

/// <summary>Finds what a path names in a tree.</summary>
public static class TreePath
{
    /// <summary>Follows a path from a root down. Symbolic links are not followed.</summary>
    /// <param name="reader">Reads the tree's directories.</param>
    /// <param name="root">The tree.</param>
    /// <param name="path">Names with slashes between; empty names and <c>.</c> mean nothing, so an empty path is the root itself.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The entry, of a hard link the inode under the link's name; null where there is none.</returns>
    /// <exception cref="FormatInvalidException">A hard link's inode is not in the table, or a node is damaged.</exception>
    public static async ValueTask<Dirent?> ResolveAsync(
        DirectoryReader reader, Dirent root, ReadOnlyMemory<byte> path, CancellationToken cancellationToken = default)
    {
        var entry = root;
        while (!path.IsEmpty)
        {
            var slash = path.Span.IndexOf((byte)'/');
            var name = slash < 0 ? path : path[..slash];
            path = slash < 0 ? default : path[(slash + 1)..];
            if (name.IsEmpty || name.Span is [(byte)'.'])
                continue;
            if (entry.Kind != DirentKind.Directory || await reader.LookupAsync(entry.Content, name, cancellationToken) is not { } child)
                return null;
            entry = await FollowAsync(reader, root, child, cancellationToken);
        }

        return entry;
    }

    /// <summary>The inode that a hard link names, under the link's name; any other entry as it is.</summary>
    /// <param name="reader">Reads the inode table.</param>
    /// <param name="root">The tree's root, which has the table.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="FormatInvalidException">The inode is not in the table.</exception>
    public static async ValueTask<Dirent> FollowAsync(
        DirectoryReader reader, Dirent root, Dirent entry, CancellationToken cancellationToken = default)
    {
        if (entry.Kind != DirentKind.Indirect)
            return entry;
        if (entry.Uuid is not { } uuid)
            throw new FormatInvalidException($"hard link {entry} names no inode");
        var inode = await reader.LookupInodeAsync(root.Inodes, uuid, cancellationToken)
            ?? throw new FormatInvalidException($"hard link {entry} names an inode that the table hasn't");
        return inode with { Name = entry.Name };
    }
}
