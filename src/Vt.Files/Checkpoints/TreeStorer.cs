using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Files.BackedFiles;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Checkpoints;

/// <summary>Makes blocks of what was frozen: contents first, then directories from the deepest up, children before parents.</summary>
sealed class TreeStorer(IBlockStore store, DirectoryReader reader, ContentStorer contents, OwnerNames owners)
{
    static ReadOnlySpan<byte> MimeTypeName => "user.mime_type"u8;

    /// <summary>Stores a tree.</summary>
    /// <returns>The root, whose blocks are all in the store and not flushed yet.</returns>
    public async ValueTask<Dirent> StoreAsync(FrozenTree tree, CancellationToken cancellationToken)
    {
        await StoreContentsAsync(tree, cancellationToken);
        using var batch = new TreeBatch(store);
        var editor = new DirectoryEditor(reader, batch);
        foreach (var inode in tree.Inodes.Where(static inode => inode.Inode.Directory is null))
            inode.Result = await MakeEntryAsync(inode, inode.Links, batch, cancellationToken);
        foreach (var directory in tree.Inodes.Where(static inode => inode.Inode.Directory is not null).OrderByDescending(static inode => inode.Depth))
            await StoreDirectoryAsync(directory, editor, batch, cancellationToken);
        var root = tree.Root.Result! with { Inodes = await StoreInodesAsync(tree, editor, cancellationToken) };
        tree.Root.Result = root;
        await batch.DrainAsync(cancellationToken);
        return root;
    }

    /// <summary>Stores one content.</summary>
    public ValueTask StoreContentAsync(StoreJob job, CancellationToken cancellationToken) => contents.StoreAsync([job], cancellationToken);

    /// <summary>Stores bytes that are no file's, as a file's content would be.</summary>
    public async ValueTask<BlockRef> StoreBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await using var writer = new BlockTreeWriter(store, new Chunker(store.Chunking));
        await writer.WriteAsync(bytes, cancellationToken);
        return await writer.CompleteAsync(cancellationToken);
    }

    async ValueTask StoreContentsAsync(FrozenTree tree, CancellationToken cancellationToken)
    {
        var jobs = new List<(FrozenInode Inode, StoreJob Job)>();
        foreach (var inode in tree.Inodes)
        {
            if (inode.Content is not { } content)
                continue;
            var mimeType = inode.Status.Xattrs is { IsStored: false } xattrs && xattrs.TryGet(MimeTypeName, out var value) ? value : default;
            jobs.Add((inode, new StoreJob(content, inode.Name, mimeType)));
        }

        if (jobs.Count == 0)
            return;
        await contents.StoreAsync([.. jobs.Select(static job => job.Job)], cancellationToken);
        foreach (var (inode, job) in jobs)
            (inode.Stored, inode.Holes) = (job.Content, job.HoleSpan);
    }

    async ValueTask StoreDirectoryAsync(FrozenInode directory, DirectoryEditor editor, TreeBatch batch, CancellationToken cancellationToken)
    {
        var edits = new SortedDictionary<byte[], DirectoryEdit>(NameOrder.Instance);
        foreach (var child in directory.Children)
            edits[child.Name] = DirectoryEdit.Put(child.Result! with { Name = child.Name });
        foreach (var (name, child) in directory.Changes)
        {
            if (child is null)
                edits[name] = DirectoryEdit.Remove(name);
            else if (!edits.ContainsKey(name))
                edits[name] = DirectoryEdit.Put(LinkTo(child, name));
        }

        var root = await editor.ApplyAsync(directory.Stored, [.. edits.Values], cancellationToken: cancellationToken);
        directory.Stored = root.Content;
        directory.Result = await MakeEntryAsync(directory, (uint)Math.Min(2 + directory.Subdirectories, uint.MaxValue), batch, cancellationToken);
    }

    // Whatever isn't indirect has changed with its place, and so is among the children.
    static Dirent LinkTo(Inodes.Inode child, byte[] name) => child.IsIndirect
        ? new Dirent { Kind = DirentKind.Indirect, Name = name, Uuid = child.Uuid }
        : throw new InvalidOperationException($"{child} came to a name without being stored");

    static async ValueTask<BlockRef> StoreInodesAsync(FrozenTree tree, DirectoryEditor editor, CancellationToken cancellationToken)
    {
        var edits = new SortedDictionary<byte[], DirectoryEdit>(NameOrder.Instance);
        foreach (var uuid in tree.DroppedInodes)
            edits[uuid.ToByteArray(bigEndian: true)] = DirectoryEdit.RemoveInode(uuid);
        foreach (var inode in tree.Inodes.Where(static inode => inode.IsIndirect))
            edits[inode.Uuid!.Value.ToByteArray(bigEndian: true)] = DirectoryEdit.PutInode(inode.Result!);
        if (edits.Count == 0)
            return tree.InodeTable;
        return (await editor.ApplyAsync(tree.InodeTable, [.. edits.Values], DirectoryOrder.Uuids, cancellationToken)).Content;
    }

    async ValueTask<Dirent> MakeEntryAsync(FrozenInode inode, uint links, TreeBatch batch, CancellationToken cancellationToken)
    {
        var status = inode.Status;
        var before = inode.Inode.Entry;
        var isDirectory = inode.Inode.Directory is not null;
        var metadata = (before?.Metadata ?? Metadata.Empty) with
        {
            Mode = status.Mode,
            Uid = status.Uid,
            Gid = status.Gid,
            UserName = before is not null && before.Metadata.Uid == status.Uid ? before.Metadata.UserName : owners.User(status.Uid),
            GroupName = before is not null && before.Metadata.Gid == status.Gid ? before.Metadata.GroupName : owners.Group(status.Gid),
            AccessTime = status.Accessed,
            ModificationTime = status.Modified,
            ChangeTime = status.Changed,
            BirthTime = status.Born,
            Device = inode.Inode.Device,
            Xattrs = await StoredXattrs.MoveOutAsync(status.Xattrs, batch, cancellationToken),
            LinkCount = inode.IsIndirect || isDirectory ? links : 0,
            HoleSpan = isDirectory ? 0 : (ulong)inode.Holes,
        };
        var entry = before ?? new Dirent { Kind = inode.Inode.Kind };
        return entry with
        {
            Name = inode.IsIndirect || inode.Parent is null ? default : inode.Name,
            Uuid = inode.Uuid,
            Metadata = metadata,
            Content = inode.Stored,
        };
    }
}
