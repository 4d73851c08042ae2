using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;
using Vt.Trees.Meta;

namespace Vt.Trees.Editing;

/// <summary>
/// Collects changes of a stored tree and makes the tree that they give: all of them in one pass from the bottom up, or none. Directories in which a name comes or goes
/// get the time of the change; the names of hard-linked inodes are counted. Costs the nodes on the way to what changes, and of removed directories in a tree with
/// hard links a listing of them.
/// </summary>
/// <remarks>Not safe for use by several threads. One use only.</remarks>
/// <param name="reader">Reads the tree.</param>
/// <param name="root">Its root, with the inode table.</param>
/// <param name="now">The time of the change.</param>
public sealed class TreeEditor(DirectoryReader reader, Dirent root, Timestamp now)
{
    readonly MergePlan _plan = new();

    // Folders in which a name comes or goes, by path.
    readonly HashSet<string> _touched = new(StringComparer.Ordinal);

    /// <summary>Puts an entry under a name in place of what is there. A directory comes as it is, with all below it.</summary>
    /// <param name="path">Where: names with slashes between, without dots; the folder must be there, or be put by <see cref="MakeDirectory"/>.</param>
    /// <param name="entry">What. If it is a hard-linked inode of the tree that <see cref="ApplyAsync"/> is given as the source, it stays one.</param>
    public void Put(ReadOnlySpan<byte> path, Dirent entry)
    {
        var plan = At(path, touch: true);
        (plan.Put, plan.IsWhole, plan.IsRemoved) = (entry, entry.Kind == DirentKind.Directory, false);
    }

    /// <summary>Puts a directory without entries where nothing is.</summary>
    public void MakeDirectory(ReadOnlySpan<byte> path, Dirent directory) => At(path, touch: true).Put = directory;

    /// <summary>Changes an entry itself; of a directory what is in it stays.</summary>
    /// <param name="path">Where it is; empty for the root.</param>
    /// <param name="entry">What it becomes, of the same kind; of a hard link the inode, for all its names.</param>
    public void Alter(ReadOnlySpan<byte> path, Dirent entry)
    {
        var plan = At(path, touch: false);
        (plan.Put, plan.IsMerged) = (entry, true);
    }

    /// <summary>Removes a name, with all below it.</summary>
    public void Remove(ReadOnlySpan<byte> path) => At(path, touch: true).IsRemoved = true;

    /// <summary>Gives an entry another name.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="to">Where it comes, in place of what is there; not below itself.</param>
    /// <param name="entry">What it is, of a hard link the inode.</param>
    public void Move(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, Dirent entry)
    {
        Remove(from);
        At(from, touch: false).IsMoved = true;
        Put(to, entry);
        At(to, touch: false).IsMoved = true;
    }

    /// <summary>Gives an inode one more name.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="added">The further name, where nothing is.</param>
    /// <param name="inode">The inode; no directory.</param>
    /// <param name="isLinked">Whether it has several names already.</param>
    /// <param name="inodes">Receives the inode if it is to be in the table; see <see cref="ApplyAsync"/>.</param>
    public void Link(ReadOnlySpan<byte> path, ReadOnlySpan<byte> added, Dirent inode, bool isLinked, ICollection<Dirent> inodes)
    {
        if (!isLinked)
        {
            inode = inode with { Uuid = Guid.NewGuid() };
            inodes.Add(inode with { Name = default, Metadata = inode.Metadata with { LinkCount = 1 } });
            var plan = At(path, touch: false);
            (plan.Put, plan.IsMerged) = (inode, true);
        }

        Put(added, inode);
    }

    /// <summary>Makes the changed tree. Its new nodes are in the batch's store, drained and not flushed.</summary>
    /// <param name="batch">Takes them.</param>
    /// <param name="source">The tree whose inode table has the hard links in what is put; null for the tree itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">A folder in which something is to be put is none.</exception>
    public async ValueTask<Dirent> ApplyAsync(TreeBatch batch, Dirent? source, CancellationToken cancellationToken = default)
    {
        foreach (var folder in _touched)
            await TouchAsync(folder, cancellationToken);
        var changed = await new MergeApplier(reader, batch, root, source ?? root).ApplyAsync(_plan, cancellationToken);
        await batch.DrainAsync(cancellationToken);
        return changed;
    }

    async ValueTask TouchAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Encoding.Latin1.GetBytes(folder);
        var plan = At(path, touch: false);
        if (plan.IsRemoved)
            throw new UserErrorException($"'{PathText.Of(path)}' is removed, so nothing can be put there");
        if (plan.Put is not null && !plan.IsMerged)
            return;
        var directory = plan.Put ?? await TreePath.ResolveAsync(reader, root, path, cancellationToken);
        if (directory is not { Kind: DirentKind.Directory })
            throw new UserErrorException($"'{PathText.Of(path)}' is no directory");
        plan.Put = directory with { Metadata = directory.Metadata with { ModificationTime = now, ChangeTime = now } };
    }

    MergePlan At(ReadOnlySpan<byte> path, bool touch)
    {
        var plan = _plan;
        var text = Encoding.Latin1.GetString(path);
        if (touch)
            _touched.Add(text.LastIndexOf('/') is >= 0 and var slash ? text[..slash] : "");
        foreach (var name in text.Split('/', StringSplitOptions.RemoveEmptyEntries))
            plan = plan.At(name);
        return plan;
    }
}
