using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Editing;
using Vt.Trees.Meta;

namespace Vt.Ftp;

/// <content>Changes of the tree: each makes another one of all its parts at once.</content>
sealed partial class StoredTree
{
    const uint NewFolderMode = 0x1ed;
    const uint LinkMode = 0x1ff;

    /// <inheritdoc/>
    public override async Task MakeDirectoriesAsync(IReadOnlyList<byte[]> paths, bool withParents, CancellationToken cancellationToken)
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        await EditAsync(
            async edit =>
            {
                foreach (var path in paths)
                {
                    var there = await FindAsync(path, cancellationToken);
                    if (there is not null && !(withParents && there.Kind == DirentKind.Directory))
                        throw new UserErrorException($"{FtpPath.Show(path)} is there already");
                    if (there is null)
                        await MakeAsync(edit, made, path, withParents, cancellationToken);
                }

                return null;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public override Task RemoveAsync(IReadOnlyList<byte[]> paths, CancellationToken cancellationToken) => EditAsync(
        edit =>
        {
            // What is below something else that goes, goes with that.
            foreach (var path in paths)
            {
                if (!paths.Any(other => other.Length < path.Length && FtpPath.IsWithin(path, other)))
                    edit.Remove(path);
            }

            return new(null as Dirent);
        },
        cancellationToken);

    /// <inheritdoc/>
    public override Task MoveAsync(IReadOnlyList<(byte[] From, byte[] To)> moves, CancellationToken cancellationToken) => EditAsync(
        async edit =>
        {
            foreach (var (from, to) in moves)
            {
                var entry = await StoredEntryAsync(from, cancellationToken);
                edit.Move(from, to, entry);
            }

            return null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public override async Task CopyAsync(IReadOnlyList<(byte[] From, byte[] To)> copies, CancellationToken cancellationToken)
    {
        using var batch = new TreeBatch(Store);
        var graft = new TreeGraft(_trees.Directories, batch);
        await EditAsync(
            async edit =>
            {
                foreach (var (from, to) in copies)
                {
                    var copy = await graft.CopyAsync(_root.Inodes, await StoredEntryAsync(from, cancellationToken), cancellationToken);
                    edit.Put(to, copy);
                }

                return await graft.CompleteAsync(cancellationToken);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task BindAsync(byte[] path, Dirent entry, CancellationToken cancellationToken)
    {
        using var batch = new TreeBatch(Store);
        var graft = new TreeGraft(_trees.Directories, batch);
        await EditAsync(
            async edit =>
            {
                var copy = await graft.CopyAsync(entry.Inodes, entry, cancellationToken);
                edit.Put(path, copy);
                return await graft.CompleteAsync(cancellationToken);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task LinkAsync(byte[] path, byte[] added, CancellationToken cancellationToken)
    {
        var inode = await StoredEntryAsync(path, cancellationToken);
        if (inode.Kind == DirentKind.Directory)
            throw new UserErrorException($"{FtpPath.Show(path)} is a directory, which has no second name");
        var isLinked = inode.Uuid is { } uuid && await _trees.Directories.LookupInodeAsync(_root.Inodes, uuid, cancellationToken) is not null;
        using var batch = new TreeBatch(Store);
        await EditAsync(
            async edit =>
            {
                var inodes = new List<Dirent>();
                edit.Link(path, added, inode, isLinked, inodes);
                if (isLinked)
                    return null;
                var table = await DirectoryBuilder.BuildAsync(batch, inodes, DirectoryOrder.Uuids, cancellationToken);
                await batch.DrainAsync(cancellationToken);
                return new Dirent { Kind = DirentKind.Directory, Inodes = table.Content };
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task SymlinkAsync(byte[] target, byte[] path, CancellationToken cancellationToken)
    {
        await using var writer = new BlockTreeWriter(Store, new Vt.Blocks.Chunking.Chunker(Store.Chunking));
        await writer.WriteAsync(target, cancellationToken);
        var content = await writer.CompleteAsync(cancellationToken);
        await EditAsync(
            edit =>
            {
                edit.Put(path, new Dirent { Kind = DirentKind.Symlink, Content = content, Metadata = NewMetadata(LinkMode) });
                return new(null as Dirent);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public override Task ChangeModeAsync(IReadOnlyList<byte[]> paths, uint mode, CancellationToken cancellationToken) => EditAsync(
        async edit =>
        {
            foreach (var path in paths)
            {
                var entry = await StoredEntryAsync(path, cancellationToken);
                if (entry.Kind == DirentKind.Symlink)
                    throw new UserErrorException($"{FtpPath.Show(path)} is a symbolic link, which has no permissions of its own");
                edit.Alter(path, entry with { Metadata = entry.Metadata with { Mode = mode, ChangeTime = Now } });
            }

            return null;
        },
        cancellationToken);

    Timestamp Now => Timestamp.From(_context.Surroundings.Clock.GetUtcNow());

    async Task EditAsync(Func<TreeEditor, ValueTask<Dirent?>> edit, CancellationToken cancellationToken)
    {
        var editor = new TreeEditor(_trees.Directories, _root, Now);
        var source = await edit(editor);
        using var batch = new TreeBatch(Store);
        _root = await editor.ApplyAsync(batch, source, cancellationToken);
    }

    async ValueTask<Dirent> StoredEntryAsync(byte[] path, CancellationToken cancellationToken) =>
        await FindAsync(path, cancellationToken) ?? throw new UserErrorException($"there is no {FtpPath.Show(path)}");

    async ValueTask MakeAsync(TreeEditor edit, HashSet<string> made, byte[] path, bool withParents, CancellationToken cancellationToken)
    {
        var (folder, _) = FtpPath.Split(path);
        if (made.Contains(Convert.ToHexString(path)))
            return;
        var above = made.Contains(Convert.ToHexString(folder)) ? null : await FindAsync(folder, cancellationToken);
        if (above is { Kind: not DirentKind.Directory })
            throw new UserErrorException($"{FtpPath.Show(folder)} is a {DirentText.KindOf(above.Kind)}");
        if (above is null && !made.Contains(Convert.ToHexString(folder)))
        {
            if (!withParents)
                throw new UserErrorException($"there is no {FtpPath.Show(folder)}; mkdir -p makes it too");
            await MakeAsync(edit, made, folder, withParents, cancellationToken);
        }

        edit.MakeDirectory(path, new Dirent { Kind = DirentKind.Directory, Metadata = NewMetadata(NewFolderMode) with { LinkCount = 2 } });
        made.Add(Convert.ToHexString(path));
    }

    Metadata NewMetadata(uint mode)
    {
        var (uid, gid) = (Ownership.EffectiveUser, Ownership.EffectiveGroup);
        return new Metadata
        {
            Mode = mode,
            Uid = uid,
            Gid = gid,
            UserName = Ownership.UserName(uid),
            GroupName = Ownership.GroupName(gid),
            ModificationTime = Now,
            ChangeTime = Now,
            BirthTime = Now,
        };
    }
}
