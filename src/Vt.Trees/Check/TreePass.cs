using System.Runtime.CompilerServices;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using DirectoryReader = Vt.Trees.Directories.DirectoryReader;

namespace Vt.Trees.Check;

/// <summary>
/// Goes over trees once. The first pass looks at every block once and offers content to be read; where it found blocks bad, a second one lists
/// every place that needs them. Either leaves out what it has gone over before, unless hard links are in it, which hang on the root.
/// </summary>
/// <param name="store">Where the trees are.</param>
/// <param name="bad">What is bad; the first pass adds to it.</param>
/// <param name="done">What need not be looked at again; each pass has its own.</param>
/// <param name="contents">Reads content; null in the second pass.</param>
/// <param name="report">Is told of faults that hang on no block, in the first pass.</param>
/// <param name="counters">Counts entries and the blocks of trees, in the first pass.</param>
sealed class TreePass(
    IBlockStore store, BadBlocks bad, SeenBlocks done, ContentChecker? contents, Action<CheckPlace, string> report, CheckCounters counters)
{
    readonly DirectoryReader _directories = new(store, new DirectoryNodeCache());

    bool IsListing => contents is null;

    /// <summary>Goes over a tree.</summary>
    public async Task WalkAsync(int number, CheckedTree wanted, CancellationToken cancellationToken)
    {
        var tree = new Tree(number, wanted.Root.Inodes);
        await EntryAsync(wanted.Root, null, tree, cancellationToken);
        if (!IsListing && wanted.IsWhole)
            await DirectoryAsync(wanted.Root.Inodes, DirectoryOrder.Uuids, null, tree, cancellationToken);
    }

    async ValueTask<Below> EntryAsync(Dirent entry, CheckPath? path, Tree tree, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!IsListing)
            counters.CountEntry();
        var xattrs = entry.Metadata.Xattrs.IsStored
            ? await ContentAsync(entry.Metadata.Xattrs.Stored, path, tree, isFile: false, cancellationToken)
            : Below.None;
        return xattrs | entry.Kind switch
        {
            DirentKind.Directory => await DirectoryAsync(entry.Content, DirectoryOrder.Names, path, tree, cancellationToken),
            DirentKind.File or DirentKind.Symlink => await ContentAsync(entry.Content, path, tree, isFile: true, cancellationToken),
            DirentKind.Indirect => await LinkAsync(entry, path, tree, cancellationToken),
            _ => Below.None,
        };
    }

    async ValueTask<Below> DirectoryAsync(
        BlockRef content, DirectoryOrder order, CheckPath? path, Tree tree, CancellationToken cancellationToken)
    {
        if (content.Span == 0 || IsDone(content, order))
            return Below.None;

        // A tree may be deeper than a thread's stack.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            await Task.Yield();
        if (IsKnownBad(content, path, tree))
            return Below.Damage;
        try
        {
            var node = await _directories.Loader.LoadRootAsync(content, order, cancellationToken);
            return await NodeAsync(content, node, path, tree, cancellationToken);
        }
        catch (Exception e) when (CheckDamage.IsDamage(e))
        {
            var what = order == DirectoryOrder.Names ? "the directory" : "the table of hard-linked inodes";
            return Damaged(content, path, tree, $"{what} can't be read: {e.Message}");
        }
    }

    async ValueTask<Below> NodeAsync(BlockRef block, DirectoryNode node, CheckPath? path, Tree tree, CancellationToken cancellationToken)
    {
        Count(block, block.Span);
        var below = node switch
        {
            { Level: > 0 } => await ChildrenAsync(node, path, tree, cancellationToken),
            { Order: DirectoryOrder.Names } => await EntriesAsync(node, path, tree, cancellationToken),
            _ => CheckInodes(node, tree),
        };
        if (below == Below.None)
            done.Add(block, SeenAs.Directory);
        return below;
    }

    async ValueTask<Below> ChildrenAsync(DirectoryNode node, CheckPath? path, Tree tree, CancellationToken cancellationToken)
    {
        var below = Below.None;
        for (var i = 0; i < node.Count; i++)
        {
            var child = node.ChildAt(i);
            if (IsDone(child.Node, node.Order))
                continue;
            if (IsKnownBad(child.Node, path, tree))
            {
                below |= Below.Damage;
                continue;
            }

            below |= await ChildAsync(node, i, child, path, tree, cancellationToken);
        }

        return below;
    }

    async ValueTask<Below> ChildAsync(
        DirectoryNode parent, int index, NodeChild child, CheckPath? path, Tree tree, CancellationToken cancellationToken)
    {
        DirectoryNode node;
        try
        {
            if (index % NodeLoader.Ahead == 0)
                await BringAsync(parent, index, cancellationToken);
            node = await _directories.Loader.LoadChildAsync(parent, index, cancellationToken);
        }
        catch (Exception e) when (CheckDamage.IsDamage(e))
        {
            var last = parent.Order == DirectoryOrder.Names ? PathText.Of(child.LastKey.Span) : new Guid(child.LastKey.Span, bigEndian: true).ToString();
            return Damaged(child.Node, path, tree, $"{child.Entries} entries, the last of them {last}, can't be read: {e.Message}");
        }

        return await NodeAsync(child.Node, node, path, tree, cancellationToken);
    }

    // The next nodes with one request; where one of them is damaged, each is asked for by itself.
    async ValueTask BringAsync(DirectoryNode parent, int first, CancellationToken cancellationToken)
    {
        try
        {
            await _directories.Loader.LoadChildrenAsync(parent, first, Math.Min(NodeLoader.Ahead, parent.Count - first), keep: true, cancellationToken);
        }
        catch (Exception e) when (CheckDamage.IsDamage(e))
        {
            // Found again, one by one.
        }
    }

    async ValueTask<Below> EntriesAsync(DirectoryNode node, CheckPath? path, Tree tree, CancellationToken cancellationToken)
    {
        var below = Below.None;
        var entries = new List<Dirent>(node.Count);
        for (var i = 0; i < node.Count; i++)
            below |= Decode(node, i, path, tree, entries);
        await BringDirectoriesAsync(entries, cancellationToken);
        foreach (var entry in entries)
            below |= await EntryAsync(entry, new CheckPath(path, entry.Name), tree, cancellationToken);
        return below;
    }

    Below Decode(DirectoryNode node, int index, CheckPath? path, Tree tree, List<Dirent> entries)
    {
        try
        {
            entries.Add(node.DirentAt(index));
            return Below.None;
        }
        catch (FormatInvalidException e)
        {
            Fault(new CheckPath(path, node.KeyAt(index)), tree, $"the entry can't be read: {e.Message}");
            return Below.Damage;
        }
    }

    async ValueTask BringDirectoriesAsync(List<Dirent> entries, CancellationToken cancellationToken)
    {
        var wanted = entries.FindAll(entry => entry.Kind == DirentKind.Directory && !IsDone(entry.Content, DirectoryOrder.Names));
        if (wanted.Count < 2)
            return;
        try
        {
            await _directories.PrefetchAsync(wanted.ConvertAll(static entry => entry.Content).ToArray(), cancellationToken);
        }
        catch (Exception e) when (CheckDamage.IsDamage(e))
        {
            // Found again, one by one.
        }
    }

    async ValueTask<Below> LinkAsync(Dirent link, CheckPath? path, Tree tree, CancellationToken cancellationToken)
    {
        if (link.Uuid is not { } uuid)
        {
            Fault(path, tree, "a hard link names no inode");
            return Below.Links;
        }

        var isFirst = tree.CountName(uuid) == 1;
        Dirent? inode;
        try
        {
            inode = await _directories.LookupInodeAsync(tree.Inodes, uuid, cancellationToken);
        }
        catch (Exception e) when (CheckDamage.IsDamage(e))
        {
            DamagedInode(CheckDamage.HashOf(e), path, tree, $"its inode can't be read: {e.Message}");
            return Below.Links | Below.Damage;
        }

        if (inode is null)
            Fault(path, tree, $"a hard link names inode {uuid}, which the tree does not have");
        else if (inode.Kind is DirentKind.Indirect or DirentKind.Directory)
            Fault(path, tree, $"a hard link leads to inode {uuid}, which is of kind {inode.Kind}");
        else if (isFirst || IsListing)
            return Below.Links | await EntryAsync(inode, path, tree, cancellationToken);
        return Below.Links;
    }

    Below CheckInodes(DirectoryNode node, Tree tree)
    {
        for (var i = 0; i < node.Count; i++)
        {
            var uuid = new Guid(node.KeySpanAt(i), bigEndian: true);
            var found = tree.NamesOf(uuid);
            try
            {
                var links = node.DirentAt(i).Metadata.LinkCount;
                if (found == 0)
                    Fault(null, tree, $"no name leads to inode {uuid}");
                else if (links < found)
                    Fault(null, tree, $"inode {uuid} counts {links} links but has {found} names");
            }
            catch (FormatInvalidException e)
            {
                Fault(null, tree, $"inode {uuid} can't be read: {e.Message}");
            }
        }

        return Below.Links;
    }

    ValueTask<Below> ContentAsync(BlockRef content, CheckPath? path, Tree tree, bool isFile, CancellationToken cancellationToken) =>
        content.Kind == BlockRefKind.Slice
            ? PartAsync(
                content.SliceOf, 0, new Content(tree.Number, path, isFile, content.SliceOffset, content.SliceOffset + content.Span), cancellationToken)
            : PartAsync(content, 0, new Content(tree.Number, path, isFile, 0, content.Span), cancellationToken);

    async ValueTask<Below> PartAsync(BlockRef part, long start, Content content, CancellationToken cancellationToken)
    {
        if (!part.HasHash || !content.Touches(start, part.Span))
            return Below.None;
        if (part.Kind == BlockRefKind.Indirect)
            return await IndirectAsync(part, start, content, cancellationToken);
        if (IsListing)
            return bad.AddPlace(part.Hash, part.Span, SeenAs.Content, content.PlaceOf(start, part.Span)) ? Below.Damage : Below.None;
        if (done.Add(part, SeenAs.Content))
            await contents!.OfferAsync(part, content.PlaceOf(start, part.Span), cancellationToken);
        return Below.None;
    }

    async ValueTask<Below> IndirectAsync(BlockRef part, long start, Content content, CancellationToken cancellationToken)
    {
        if (done.Contains(part, SeenAs.Indirect))
            return Below.None;
        var place = content.PlaceOf(start, part.Span);
        if (IsListing ? bad.AddPlace(part.Hash, part.Span, SeenAs.Indirect, place) : bad.Contains(part.Hash, part.Span, SeenAs.Indirect))
            return Below.Damage;
        IndirectNode node;
        try
        {
            node = await IndirectNode.LoadAsync(store, part, cancellationToken);
        }
        catch (Exception e) when (CheckDamage.IsDamage(e))
        {
            if (!IsListing)
                bad.Add(part.Hash, part.Span, SeenAs.Indirect, place, e.Message);
            return Below.Damage;
        }

        Count(part, node.EncodedLength);
        var below = Below.None;
        for (var i = 0; i < node.Count; i++)
            below |= await PartAsync(node.Children[i], start + node.StartOf(i), content, cancellationToken);
        if (below == Below.None && content.Covers(start, part.Span))
            done.Add(part, SeenAs.Indirect);
        return below;
    }

    // Blocks with hard links or damage below them are gone over again wherever they are met.
    void Count(in BlockRef block, long bytes)
    {
        if (!IsListing && done.Add(block, SeenAs.Counted))
            counters.CountBlock(bytes);
    }

    bool IsDone(in BlockRef node, DirectoryOrder order) =>
        order == DirectoryOrder.Names && node.HasHash && done.Contains(node, SeenAs.Directory);

    // A directory's node is known by its name alone: whoever fails to look something up has no more.
    bool IsKnownBad(in BlockRef node, CheckPath? path, Tree tree) =>
        IsListing
            ? bad.AddPlace(node.Hash, 0, SeenAs.Directory, new CheckPlace(tree.Number, path, null, 0))
            : bad.Contains(node.Hash, 0, SeenAs.Directory);

    Below Damaged(in BlockRef node, CheckPath? path, Tree tree, string what)
    {
        DamagedInode(node.Hash, path, tree, what);
        return Below.Damage;
    }

    void DamagedInode(in BlockHash hash, CheckPath? path, Tree tree, string what)
    {
        var place = new CheckPlace(tree.Number, path, null, 0);
        if (hash.IsNone)
            Fault(path, tree, what);
        else if (IsListing)
            bad.AddPlace(hash, 0, SeenAs.Directory, place);
        else
            bad.Add(hash, 0, SeenAs.Directory, place, what);
    }

    void Fault(CheckPath? path, Tree tree, string what)
    {
        if (!IsListing)
            report(new CheckPlace(tree.Number, path, null, 0), what);
    }

    /// <summary>The content that is gone over: whose it is, and which range of what it is a part of.</summary>
    readonly record struct Content(int Tree, CheckPath? Path, bool IsFile, long From, long To)
    {
        public bool Touches(long start, long length) => start < To && start + length > From;

        public bool Covers(long start, long length) => start >= From && start + length <= To;

        public CheckPlace PlaceOf(long start, long length)
        {
            var first = Math.Max(start, From);
            return new CheckPlace(Tree, Path, IsFile ? first - From : null, Math.Min(start + length, To) - first);
        }
    }

    /// <summary>The tree that is gone over, and how many names each of its hard-linked inodes has.</summary>
    sealed class Tree(int number, BlockRef inodes)
    {
        readonly Dictionary<Guid, uint> _names = [];

        public int Number => number;

        public BlockRef Inodes => inodes;

        public uint CountName(Guid inode) => _names[inode] = NamesOf(inode) + 1;

        public uint NamesOf(Guid inode) => _names.GetValueOrDefault(inode);
    }
}
