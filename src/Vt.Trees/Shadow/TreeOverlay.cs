using System.Text;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Trees.Shadow;

/// <summary>Makes a tree that is one tree but for some paths, at which it is as another.</summary>
/// <param name="reader">Reads both; its store takes the new nodes.</param>
/// <param name="tree">The tree.</param>
/// <param name="other">The other.</param>
public sealed class TreeOverlay(DirectoryReader reader, Dirent tree, Dirent other)
{
    readonly MergePlan _plan = new();
    bool _isChanged;

    /// <summary>Takes a path from the other tree, with all below it; it goes where the other has nothing there.</summary>
    public ValueTask TakeAsync(byte[] path, CancellationToken cancellationToken = default) => TakeAsync(path, isWhole: true, cancellationToken);

    /// <summary>Takes a directory's own entry from the other tree, and leaves what is in it.</summary>
    public ValueTask TakeFolderAsync(byte[] path, CancellationToken cancellationToken = default) => TakeAsync(path, isWhole: false, cancellationToken);

    /// <summary>Takes a path from the other tree: of a directory that both have the entry alone, anything else with all below it.</summary>
    public ValueTask TakeNameAsync(byte[] path, CancellationToken cancellationToken = default) => TakeAsync(path, isWhole: null, cancellationToken);

    /// <summary>Makes the tree. Its nodes are in the store, not flushed.</summary>
    public async ValueTask<Dirent> MakeAsync(CancellationToken cancellationToken = default)
    {
        if (!_isChanged)
            return tree;
        using var batch = new TreeBatch(reader.Store);
        var root = await new MergeApplier(reader, batch, tree, other).ApplyAsync(_plan, cancellationToken);
        await batch.DrainAsync(cancellationToken);
        return root;
    }

    async ValueTask TakeAsync(byte[] path, bool? isWhole, CancellationToken cancellationToken)
    {
        var (here, there) = (await TreePath.ResolveAsync(reader, tree, path, cancellationToken), await TreePath.ResolveAsync(reader, other, path, cancellationToken));
        if (here is null && there is null)
            return;
        if (there is not null)
            await TakeFoldersAsync(path, cancellationToken);
        var plan = PlanOf(path);
        _isChanged = true;
        (plan.Put, plan.IsRemoved) = (there, there is null);
        plan.IsMerged = there is not null;
        plan.IsWhole = there is { Kind: DirentKind.Directory } && (isWhole ?? here is not { Kind: DirentKind.Directory });
    }

    async ValueTask TakeFoldersAsync(byte[] path, CancellationToken cancellationToken)
    {
        for (var end = path.AsSpan().IndexOf((byte)'/'); end > 0; end = IndexAfter(path, end))
        {
            var above = path[..end];
            var plan = PlanOf(above);
            if (plan.Put is not null || await TreePath.ResolveAsync(reader, tree, above, cancellationToken) is { Kind: DirentKind.Directory })
                continue;
            (plan.Put, plan.IsRemoved) = (await TreePath.ResolveAsync(reader, other, above, cancellationToken), false);
        }
    }

    static int IndexAfter(byte[] path, int slash)
    {
        var next = path.AsSpan(slash + 1).IndexOf((byte)'/');
        return next < 0 ? -1 : slash + 1 + next;
    }

    MergePlan PlanOf(byte[] path)
    {
        var plan = _plan;
        foreach (var name in Encoding.Latin1.GetString(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
            plan = plan.At(name);
        return plan;
    }
}
