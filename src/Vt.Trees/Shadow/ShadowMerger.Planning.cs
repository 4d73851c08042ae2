using System.Text;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Trees.Shadow;

/// <summary>How what is to be done is noted.</summary>
public sealed partial class ShadowMerger
{
    // The folder is to look here.
    void Touch(string path)
    {
        _touched.Mark(path);
        KeepFolders();
    }

    // What is at or below a removed folder, and is not removed itself, keeps that folder.
    void KeepFolders()
    {
        foreach (var folder in _removed)
            folder.IsKept = true;
    }

    void LeaveFolders(string? path)
    {
        while (_removed.TryPeek(out var folder) && (path is null || !path.StartsWith(folder.Path + "/", StringComparison.Ordinal)))
        {
            _removed.Pop();
            if (folder.IsKept)
                continue;
            RemoveFromTarget(folder.Path);
        }
    }

    void RemoveFromTarget(string path)
    {
        var plan = PlanOf(path);
        plan.Below.Clear();
        (plan.IsRemoved, plan.Put, _hasPlan) = (true, null, true);
        _forTarget.Mark(path);
    }

    async ValueTask PutInTargetAsync(string path, Dirent entry, bool isWhole, CancellationToken cancellationToken)
    {
        await PutFoldersAsync(path, cancellationToken);
        if (await IsAnothersInodeAsync(entry, cancellationToken))
        {
            // It becomes a file by itself, lest two things become one; in the folder too.
            entry = entry with { Uuid = null, Metadata = entry.Metadata with { LinkCount = 0 } };
            _touched.Mark(path);
        }

        if (ShadowEntries.LinkOf(entry) is { } link)
            _linked.Add(link);
        var plan = PlanOf(path);
        isWhole &= entry.Kind == DirentKind.Directory;
        (plan.Put, plan.IsWhole, plan.IsRemoved, _hasPlan) = (entry, isWhole && !MayShareInodes, false, true);
        _forTarget.Mark(path);
        KeepFolders();
        if (isWhole && MayShareInodes)
            await PutBelowAsync(path, entry, cancellationToken);
    }

    // Name by name, since each may have to come apart.
    async ValueTask PutBelowAsync(string path, Dirent folder, CancellationToken cancellationToken)
    {
        await foreach (var below in _reader.EnumerateAsync(folder.Content, cancellationToken: cancellationToken))
        {
            var inode = await TreePath.FollowAsync(_reader, _trees.Folder, below, cancellationToken);
            await PutInTargetAsync($"{path}/{Encoding.Latin1.GetString(below.Name.Span)}", inode, isWhole: true, cancellationToken);
        }
    }

    // Whether an inode of the folder may have the UUID of one that the archive changed: UUIDs come from paths, and both sides make them.
    bool MayShareInodes => _trees.Folder.Inodes.Span > 0 && _trees.Target.Inodes.Span > 0 && _trees.Target.Inodes != _trees.Agreed?.Inodes;

    // Whether something of the folder has the UUID of what is another thing in the archive by now.
    async ValueTask<bool> IsAnothersInodeAsync(Dirent entry, CancellationToken cancellationToken)
    {
        if (!MayShareInodes || ShadowEntries.LinkOf(entry) is not { } inode
            || await _reader.LookupInodeAsync(_trees.Target.Inodes, inode, cancellationToken) is not { } theirs || ShadowEntries.HaveSameContent(entry, theirs))
            return false;
        var then = _trees.Agreed is { } agreed ? await _reader.LookupInodeAsync(agreed.Inodes, inode, cancellationToken) : null;
        return !ShadowEntries.HaveSameContent(then, theirs);
    }

    // A name that was not changed may have become one of another inode: inodes are known by the first of their names. All names that the folder has of an inode become that in the archive, where their content is
    // the same there. Where some lack the folder's tree is gone through, since no list leads from an inode to its names.
    async ValueTask<Dirent> JoinLinksAsync(Dirent root, TreeBatch batch, CancellationToken cancellationToken)
    {
        var lacking = new Dictionary<Guid, Dirent>();
        await batch.DrainAsync(cancellationToken);
        foreach (var inode in _linked)
        {
            if (await _reader.LookupInodeAsync(_trees.Folder.Inodes, inode, cancellationToken) is not { } ours)
                continue;
            var theirs = await _reader.LookupInodeAsync(root.Inodes, inode, cancellationToken);
            if (theirs is null || theirs.Metadata.LinkCount < ours.Metadata.LinkCount)
                lacking.Add(inode, theirs ?? ours);
        }

        if (lacking.Count == 0)
            return root;
        var plan = new MergePlan();
        await PlanLinksAsync(_trees.Folder, "", (root, lacking, plan), cancellationToken);
        return await new MergeApplier(_reader, batch, root, _trees.Folder).ApplyAsync(plan, cancellationToken);
    }

    async ValueTask PlanLinksAsync(Dirent folder, string path, (Dirent Root, Dictionary<Guid, Dirent> Lacking, MergePlan Plan) join, CancellationToken cancellationToken)
    {
        await foreach (var below in _reader.EnumerateAsync(folder.Content, cancellationToken: cancellationToken))
        {
            var at = $"{path}{Encoding.Latin1.GetString(below.Name.Span)}";
            if (below.Kind == DirentKind.Directory)
            {
                await PlanLinksAsync(below, at + "/", join, cancellationToken);
            }
            else if (below is { Kind: DirentKind.Indirect, Uuid: { } inode } && join.Lacking.TryGetValue(inode, out var wanted)
                && await ResolveAsync(join.Root, at, cancellationToken) is { } there && ShadowEntries.LinkOf(there) != inode && ShadowEntries.HaveSameContent(there, wanted))
            {
                PlanAt(join.Plan, at).Put = wanted;
                _forTarget.Mark(at);
            }
        }
    }

    // The folders above come back where the archive has them no more.
    async ValueTask PutFoldersAsync(string path, CancellationToken cancellationToken)
    {
        for (var end = path.IndexOf('/', StringComparison.Ordinal); end >= 0; end = path.IndexOf('/', end + 1))
        {
            var above = path[..end];
            if (PlanOf(above).Put is not null || await ResolveAsync(_trees.Target, above, cancellationToken) is { Kind: DirentKind.Directory })
                continue;
            PlanOf(above).Put = await ResolveAsync(_trees.Folder, above, cancellationToken);
        }
    }

    // Whether nothing below a path has changed on its side.
    async ValueTask<bool> IsAsThenAsync(Dirent? tree, string path, Dirent now, CancellationToken cancellationToken)
    {
        if (now.Kind != DirentKind.Directory)
            return true;
        return tree is not null && await ResolveAsync(tree, path, cancellationToken) is { Kind: DirentKind.Directory } then && then.Content == now.Content;
    }

    async ValueTask<string> SiblingOfAsync(string path, bool isFolder, CancellationToken cancellationToken)
    {
        var slash = path.LastIndexOf('/');
        var (folder, name) = (path[..(slash + 1)], path[(slash + 1)..]);
        var dot = isFolder ? -1 : name.LastIndexOf('.');
        var (stem, ending) = dot > 0 && name.Length - dot <= 16 ? (name[..dot], name[dot..]) : (name, "");
        for (var number = 1; ; number++)
        {
            var added = $".conflict-{_options.Label}{(number == 1 ? "" : $"-{number}")}{ending}";
            var sibling = folder + stem[..Math.Min(stem.Length, Dirent.LongestName - added.Length)] + added;
            if (PlanOf(sibling).Put is null && await ResolveAsync(_trees.Folder, sibling, cancellationToken) is null
                && await ResolveAsync(_trees.Target, sibling, cancellationToken) is null)
                return sibling;
        }
    }

    ValueTask<Dirent?> ResolveAsync(Dirent tree, string path, CancellationToken cancellationToken) =>
        TreePath.ResolveAsync(_reader, tree, BytesOf(path), cancellationToken);

    // What is below needs no look any more: it comes or goes with this.
    void Skip(string path) => _skipped = path + "/";

    MergePlan PlanOf(string path) => PlanAt(_plan, path);

    static MergePlan PlanAt(MergePlan plan, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            plan = plan.At(name);
        return plan;
    }

    static byte[] BytesOf(string path) => Encoding.Latin1.GetBytes(path);
}
