using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Shadow;

/// <summary>Removes what was seen in a folder, and nothing else.</summary>
/// <param name="reader">Reads the tree.</param>
/// <param name="seen">The folder's tree as it was seen.</param>
/// <param name="names">Removes single names.</param>
sealed class FolderRemoval(DirectoryReader reader, Dirent seen, FolderNames names)
{
    /// <summary>Removes a name, of a directory with all that was seen in it.</summary>
    /// <param name="folder">The folder that it is in.</param>
    /// <param name="name">The name.</param>
    /// <param name="entry">What was seen under it.</param>
    /// <param name="cancellationToken">Stops between two names.</param>
    /// <returns>Why it is still there; null where it is gone.</returns>
    public async ValueTask<string?> RemoveAsync(FileDescriptor folder, ReadOnlyMemory<byte> name, Dirent entry, CancellationToken cancellationToken)
    {
        if (entry.Kind != DirentKind.Directory)
            return names.Remove(folder, name.Span, entry);
        const OpenFlags Flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
        var error = PosixFile.TryOpenAt(folder, name.Span, Flags, 0, out var inner);
        using (inner)
        {
            if (error == Errno.ENOENT)
                return null;
            if (error != Errno.OK)
                return error is Errno.ENOTDIR or Errno.ELOOP ? FolderNames.ChangedMeanwhile : PosixException.TextOf(error);
            if (PosixFile.Fstat(inner).Inode != entry.Metadata.SourceInode)
                return FolderNames.ChangedMeanwhile;
            if (await RemoveBelowAsync(inner, entry, cancellationToken) is { } why)
                return why;
        }

        error = PosixFile.TryRmdirAt(folder, name.Span);
        return error is Errno.OK or Errno.ENOENT ? null : error == Errno.ENOTEMPTY ? "there is something else in it meanwhile" : PosixException.TextOf(error);
    }

    async ValueTask<string?> RemoveBelowAsync(FileDescriptor folder, Dirent entry, CancellationToken cancellationToken)
    {
        Export.MetadataRestorer.LetFill(folder);
        string? worst = null;
        await foreach (var below in reader.EnumerateAsync(entry.Content, cancellationToken: cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var inode = await TreePath.FollowAsync(reader, seen, below, cancellationToken);
            worst = await RemoveAsync(folder, below.Name, inode, cancellationToken) ?? worst;
        }

        return worst;
    }
}
