using System.Globalization;
using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <content>Whole trees that come to an empty directory in one step.</content>
public sealed partial class LiveFileSystem
{
    /// <summary>
    /// The attribute that holds an entry's dirent as text. Reading it makes a checkpoint, whose entry it is; setting it on an empty directory to a
    /// directory's dirent gives it the entries and the metadata of that one. For those who own the mount: see <see cref="IsForOwner"/>.
    /// </summary>
    public static ReadOnlySpan<byte> DirentAttribute => "x-vt-dirent"u8;

    /// <summary>
    /// The attribute that holds the path of the archive that is mounted, on anything in it. Setting it to an <see cref="ArchiveTurn"/> lets the mount become another tree or
    /// another archive; reading it afterwards waits until everybody sees that. For those who own the mount.
    /// </summary>
    public static ReadOnlySpan<byte> ArchiveAttribute => "x-vt-archive"u8;

    /// <summary>
    /// The attribute that holds, of a directory that was given entries by <see cref="DirentAttribute"/>, how many these were on all levels and how many
    /// bytes their files have, for as long as the directory is in memory. It can't be set.
    /// </summary>
    public static ReadOnlySpan<byte> ClonedAttribute => "x-vt-cloned"u8;

    /// <summary>Whether setting an attribute of this name changes which entries a directory has.</summary>
    public static bool ReplacesEntries(ReadOnlySpan<byte> name) => name.SequenceEqual(DirentAttribute);

    /// <summary>
    /// Whether an attribute is for root and the user that runs this process alone: a dirent leads to all that is below a folder, whoever may enter there, and can
    /// name files that are setuid or others'.
    /// </summary>
    public static bool IsForOwner(ReadOnlySpan<byte> name) => name.SequenceEqual(DirentAttribute) || name.SequenceEqual(ArchiveAttribute);

    /// <summary>Whether a caller is root or the user that runs this process.</summary>
    public static bool IsOwner(Caller caller) => caller.Uid == 0 || caller.Uid == Ownership.EffectiveUser;

    /// <summary>Whether the kernel may remember of a directory that it doesn't have some name.</summary>
    public bool HasDeniedNames(NodeId directory) => _tree.Find(directory)?.Directory is { HasDenied: true };

    /// <summary>The folder that a node stands in and its name there; null of the root, and of what has no name.</summary>
    public (NodeId Directory, byte[] Name)? PlaceOf(NodeId node)
    {
        lock (_tree.Gate)
            return _tree.Find(node) is { Parent: { } parent } inode ? (parent.Node, inode.Name) : null;
    }

    async ValueTask<Outcome<ReadOnlyMemory<byte>>> GetDirentAsync(Inode inode, CancellationToken cancellationToken)
    {
        await CheckpointAsync(cancellationToken);
        return _tree.StoredEntry(inode) is { } entry ? (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(entry.ToString()) : Errno.ENODATA;
    }

    static Outcome<ReadOnlyMemory<byte>> GetCloned(Inode inode) =>
        inode.Directory?.Adopted is { } adopted
            ? (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{adopted.Entries} {adopted.Bytes}"))
            : Errno.ENODATA;

    async ValueTask<Errno> SetDirentAsync(Caller caller, Inode inode, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (!IsOwner(caller))
            return Errno.EPERM;
        if (inode.Directory is null)
            return Errno.ENOTDIR;
        if (ParseFolder(value.Span) is not { } dirent)
            return Errno.EINVAL;
        var outcome = await GuardAsync<bool>(inode, "giving a folder stored entries", async () =>
        {
            var error = await AdoptAsync(inode, dirent, cancellationToken);
            if (error == Errno.ENOSPC && _space.IsLimited)
            {
                await CheckpointAsync(cancellationToken);
                error = await AdoptAsync(inode, dirent, cancellationToken);
            }

            return error == Errno.OK ? true : error;
        });
        return outcome.Error;
    }

    static Dirent? ParseFolder(ReadOnlySpan<byte> text)
    {
        try
        {
            var dirent = Dirent.Parse(Encoding.ASCII.GetString(text));
            var isFolder = dirent.Kind == DirentKind.Directory && (dirent.Content.Span == 0 || dirent.Content.Kind == BlockRefKind.Direct);
            return isFolder ? dirent : null;
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    async ValueTask<Errno> AdoptAsync(Inode directory, Dirent dirent, CancellationToken cancellationToken)
    {
        await _tree.CountAsync(directory, cancellationToken);
        await LoadXattrsAsync(directory, cancellationToken);
        lock (_tree.Gate)
        {
            if (CheckAdoption(directory) is var refusal && refusal != Errno.OK)
                return refusal;
        }

        if (!await IsThereAsync(dirent.Content, cancellationToken))
            return Errno.ENOENT;
        var xattrs = await StoredXattrs.LoadAsync(dirent.Metadata.Xattrs, _store, cancellationToken);
        using var batch = new TreeBatch(_store);
        if (await new UuidStripper(_directories, batch).StripAsync(dirent.Content, cancellationToken) is not { } tree)
            return Errno.EOPNOTSUPP;
        await batch.DrainAsync(cancellationToken);
        await _store.FlushAsync(cancellationToken);
        return TryAdopt(directory, StatusOf(dirent.Metadata, xattrs), tree);
    }

    Errno CheckAdoption(Inode directory)
    {
        if (directory.IsOrphan)
            return Errno.ENOENT;
        if (directory.Id == NodeId.Root)
            return Errno.EINVAL;
        if (directory.Directory!.Count > 0)
            return Errno.ENOTEMPTY;
        if (directory.IsLocal || !_tree.Rules.IsEmpty)
            return Errno.EOPNOTSUPP;

        // Of one to which nothing has happened since it was made nothing is lost.
        return _options.IsAppendOnly && directory.Status.Born != directory.Status.Changed ? Errno.EPERM : Errno.OK;
    }

    Errno TryAdopt(Inode directory, InodeStatus status, in StrippedTree tree)
    {
        var bytes = tree.Length - tree.HoleSpan;
        using (_gate.Enter())
        {
            lock (_tree.Gate)
            {
                if (CheckAdoption(directory) is var refusal && refusal != Errno.OK)
                    return refusal;
                if (!_space.TryTake(SpaceOfName) || !_space.TryTakeContent(bytes))
                    return Errno.ENOSPC;
                var now = Now();
                lock (directory.Gate)
                {
                    var before = directory.Status;
                    status.Changed = now;
                    status.Born = before.Born;
                    _record.Begin(now);
                    Bind(directory);
                    _record.Adopt(directory.Id, tree.Root, bytes);
                    _record.Status(directory.Id, status);
                    RecordXattrs(directory, before.Xattrs, status.Xattrs);
                    Append();
                    directory.Status = status;
                }

                _tree.Adopt(directory, tree.Root, bytes);
                directory.Directory!.Adopted = (tree.Entries, tree.Length);
                return Errno.OK;
            }
        }
    }

    // It is an inode of its own, made when it was made; what it is like, and when it was read and written, comes along.
    static InodeStatus StatusOf(Metadata metadata, XattrSet xattrs)
    {
        var status = InodeStatus.Of(metadata);
        status.Accessed = status.LastAccess;
        status.Xattrs = xattrs;
        return status;
    }
}
