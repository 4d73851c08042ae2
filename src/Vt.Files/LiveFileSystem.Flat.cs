using Vt.Blocks.BlockTree;
using Vt.Files.Flat;
using Vt.Files.Inodes;
using Vt.Files.Reading;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <content>Flat copies: whole contents as plain files in the state folder.</content>
public sealed partial class LiveFileSystem
{
    const string FlatFolderName = "flat";

    FlatFiles _flat = null!; // both set by the opening
    ReadAheadBudget _readAhead = null!;

    /// <summary>
    /// The attribute that, when it is set on a file, makes a flat copy of the content that the file has then, from which it is read from then on as far as it
    /// does not change; its value doesn't matter. There where the content has a copy, and removing it deletes that.
    /// </summary>
    public static ReadOnlySpan<byte> FlatAttribute => "x-vt-flat"u8;

    /// <summary>A file's flat copy, open for reading; null where its content is not exactly that of one.</summary>
    /// <param name="node">The file. The caller sees to it that nobody changes it as long as the copy is read in its place.</param>
    /// <returns>A descriptor of its own, for the caller to dispose.</returns>
    public FileDescriptor? OpenFlatCopy(NodeId node)
    {
        if (_tree.Find(node) is not { Kind: DirentKind.File } inode || CleanContentOf(inode) is not { } content || _flat.Find(content) is not { } copy)
            return null;
        try
        {
            return copy.File.Duplicate();
        }
        finally
        {
            copy.Release();
        }
    }

    async ValueTask<Errno> FlattenAsync(Inode inode, CancellationToken cancellationToken)
    {
        if (inode.Kind != DirentKind.File)
            return Errno.EINVAL;
        var outcome = await GuardAsync<bool>(inode, "making a flat copy", async () =>
        {
            if (inode.IsLocal)
                return Errno.EOPNOTSUPP; // it lies in plain files already
            var content = await _checkpointer.StoreFileAsync(inode, _tree.ContentOf(inode), TakeStored, cancellationToken);
            using var reader = new ContentReader(content.Span, new BlockTreeReader(_store, content).ReadAsync, _readAhead);
            var error = await _flat.MakeAsync(content, reader.ReadAsync, _space.HasOnDisk, cancellationToken);
            return error == Errno.OK ? true : error;
        });
        return outcome.Error;
    }

    Errno Unflatten(Inode inode) => CleanContentOf(inode) is { } content && _flat.Remove(content) ? Errno.OK : Errno.ENODATA;

    bool HasFlatCopy(Inode inode)
    {
        if (CleanContentOf(inode) is not { } content || _flat.Find(content) is not { } copy)
            return false;
        copy.Release();
        return true;
    }

    // What the file has, if all of it is stored.
    BlockRef? CleanContentOf(Inode inode)
    {
        if (inode.Kind != DirentKind.File)
            return null;
        var file = _tree.ContentOf(inode);
        lock (file.Gate)
            return file.IsClean ? file.Backing : null;
    }
}
