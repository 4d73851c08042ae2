using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Merge;

/// <summary>Carries a plan out: edits our directories from the bottom up, and counts the names of hard-linked inodes.</summary>
/// <param name="reader">Reads both trees.</param>
/// <param name="batch">Takes new nodes.</param>
/// <param name="ours">Our root.</param>
/// <param name="theirs">Their root.</param>
sealed class MergeApplier(DirectoryReader reader, TreeBatch batch, Dirent ours, Dirent theirs)
{
    readonly DirectoryEditor _editor = new(reader, batch);
    readonly SortedDictionary<byte[], Link> _links = new(Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));

    /// <summary>Carries it out.</summary>
    /// <returns>The merged tree's root.</returns>
    public async ValueTask<Dirent> ApplyAsync(MergePlan plan, CancellationToken cancellationToken)
    {
        var root = await ApplyBelowAsync(plan, plan.Put ?? ours, ours, cancellationToken);
        return root with { Inodes = await ApplyLinksAsync(cancellationToken), Name = ours.Name };
    }

    async ValueTask<Dirent> ApplyBelowAsync(MergePlan plan, Dirent entry, Dirent? current, CancellationToken cancellationToken)
    {
        var content = current is { Kind: DirentKind.Directory } ? current.Content : BlockRef.Empty;
        var edits = new List<DirectoryEdit>();
        foreach (var (text, below) in plan.Below)
        {
            var name = Encoding.Latin1.GetBytes(text);
            var there = await reader.LookupAsync(content, name, cancellationToken);
            if (await ApplyEntryAsync(name, below, there, cancellationToken) is { } edit)
                edits.Add(edit);
        }

        var root = await _editor.ApplyAsync(content, edits, cancellationToken: cancellationToken);
        return entry with { Content = root.Content, Metadata = entry.Metadata with { LinkCount = (uint)(2 + root.Subdirectories) } };
    }

    // Null where the name stays as it is.
    async ValueTask<DirectoryEdit?> ApplyEntryAsync(byte[] name, MergePlan plan, Dirent? there, CancellationToken cancellationToken)
    {
        if (plan.IsRemoved)
        {
            if (!plan.IsMoved || there is not { Kind: DirentKind.Directory })
                await CountAsync(there, ours, -1, cancellationToken);
            return DirectoryEdit.Remove(name);
        }

        if (plan.Put is null && plan.Below.Count == 0)
            return null;
        var entry = plan.Put ?? there ?? throw new InvalidOperationException("a plan leads to what is not there");
        if (entry.Kind == DirentKind.Directory && !plan.IsWhole)
        {
            if (there is not { Kind: DirentKind.Directory })
                await CountAsync(there, ours, -1, cancellationToken);
            return DirectoryEdit.Put(await ApplyBelowAsync(plan, entry, there, cancellationToken) with { Name = name });
        }

        await CountAsync(there, ours, -1, cancellationToken);
        if (entry.Kind == DirentKind.Directory)
        {
            if (!plan.IsMoved)
                await CountAsync(entry, theirs, 1, cancellationToken);
            return DirectoryEdit.Put(entry with { Name = name, Inodes = default });
        }

        if (!await IsLinkedAsync(entry, cancellationToken))
            return DirectoryEdit.Put(entry with { Name = name, Metadata = entry.Metadata with { LinkCount = 0 } });
        var link = LinkOf(entry.Uuid!.Value);
        link.Delta++;
        if (link.Inode is null || plan.IsMerged)
            link.Inode = entry;
        return DirectoryEdit.Put(new Dirent { Kind = DirentKind.Indirect, Name = name, Uuid = entry.Uuid });
    }

    async ValueTask<bool> IsLinkedAsync(Dirent inode, CancellationToken cancellationToken) =>
        inode.Uuid is { } uuid
        && (await reader.LookupInodeAsync(theirs.Inodes, uuid, cancellationToken) ?? await reader.LookupInodeAsync(ours.Inodes, uuid, cancellationToken)) is not null;

    // Counts the hard links in what comes or goes.
    async ValueTask CountAsync(Dirent? entry, Dirent tree, int sign, CancellationToken cancellationToken)
    {
        if (entry is { Kind: DirentKind.Indirect, Uuid: { } uuid })
        {
            var link = LinkOf(uuid);
            link.Delta += sign;
            if (sign > 0)
                link.Inode ??= await reader.LookupInodeAsync(tree.Inodes, uuid, cancellationToken);
        }
        else if (entry is { Kind: DirentKind.Directory } && tree.Inodes.Span > 0)
        {
            await foreach (var below in reader.EnumerateAsync(entry.Content, cancellationToken: cancellationToken))
            {
                if (below.Kind is DirentKind.Indirect or DirentKind.Directory)
                    await CountAsync(below, tree, sign, cancellationToken);
            }
        }
    }

    async ValueTask<BlockRef> ApplyLinksAsync(CancellationToken cancellationToken)
    {
        var edits = new List<DirectoryEdit>();
        foreach (var (key, link) in _links)
        {
            var uuid = new Guid(key, bigEndian: true);
            var there = await reader.LookupInodeAsync(ours.Inodes, uuid, cancellationToken);
            var count = (there?.Metadata.LinkCount ?? 0) + link.Delta;
            var inode = link.Inode ?? there;
            if (count > 0 && inode is not null)
                edits.Add(DirectoryEdit.PutInode(inode with { Name = default, Metadata = inode.Metadata with { LinkCount = (uint)count } }));
            else if (there is not null)
                edits.Add(DirectoryEdit.RemoveInode(uuid));
        }

        return (await _editor.ApplyAsync(ours.Inodes, edits, DirectoryOrder.Uuids, cancellationToken)).Content;
    }

    Link LinkOf(Guid uuid)
    {
        var key = uuid.ToByteArray(bigEndian: true);
        if (!_links.TryGetValue(key, out var link))
            _links.Add(key, link = new Link());
        return link;
    }

    sealed class Link
    {
        public long Delta { get; set; }

        public Dirent? Inode { get; set; }
    }
}
