using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Goes over every block that content is made of: indirect blocks before what is below them, otherwise in the order of the
/// content. Only indirect blocks are read, in batches of siblings. A block that stands in several places comes once for each.
/// </summary>
/// <remarks>Memory: at most 32 decoded nodes (about 10 KiB each) and the names of one node's children for each level.</remarks>
public sealed class BlockTreeWalker
{
    const int NodesAtOnce = 32;

    readonly IBlockStore _store;
    readonly PruneBlocks? _prune;
    readonly Action<WalkedRef, Exception>? _onDamage;

    /// <summary>Prepares for any number of walks.</summary>
    /// <param name="store">Where the indirect blocks are.</param>
    /// <param name="prune">Which blocks to leave out; null for none.</param>
    /// <param name="onDamage">
    /// Told of each indirect block that is missing or damaged, so that the walk goes on behind it; null lets the exception end the walk.
    /// </param>
    public BlockTreeWalker(IBlockStore store, PruneBlocks? prune = null, Action<WalkedRef, Exception>? onDamage = null)
    {
        _store = store;
        _prune = prune;
        _onDamage = onDamage;
    }

    /// <summary>The blocks of some content.</summary>
    /// <param name="root">The content; of a slice, the blocks that the range touches.</param>
    /// <param name="cancellationToken">Stops the walk.</param>
    /// <exception cref="BlockMissingException">An indirect block is not in the store.</exception>
    /// <exception cref="BlockCorruptException">An indirect block is none, or not the one that its reference describes.</exception>
    public IAsyncEnumerable<WalkedRef> WalkAsync(BlockRef root, CancellationToken cancellationToken = default) =>
        root.Kind == BlockRefKind.Slice
            ? WalkRangeAsync(root.SliceOf, root.SliceOffset, root.SliceOffset + root.Span, cancellationToken)
            : WalkRangeAsync(root, 0, root.Span, cancellationToken);

    async IAsyncEnumerable<WalkedRef> WalkRangeAsync(
        BlockRef root, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Each level's siblings that are still to come, the lowest level last.
        var path = new Stack<Siblings>();
        if (root.HasHash)
            path.Push(await PruneAsync([new WalkedRef(0, root)], cancellationToken));
        while (path.TryPeek(out var siblings))
        {
            if (siblings.Next == siblings.Refs.Count)
            {
                path.Pop();
                continue;
            }

            if (siblings.Next == siblings.LoadedTo)
                await LoadAsync(siblings, cancellationToken);
            var walked = siblings.Refs[siblings.Next];
            var node = siblings.Nodes[siblings.Next++ - siblings.LoadedFrom];
            yield return walked with { Offset = walked.Offset - from };
            if (node is not null)
                path.Push(await PruneAsync(ChildrenOf(walked, node, from, to), cancellationToken));
        }
    }

    static List<WalkedRef> ChildrenOf(in WalkedRef parent, IndirectNode node, long from, long to)
    {
        var children = new List<WalkedRef>(node.Count);
        var start = parent.Offset;
        foreach (ref readonly var child in node.Children)
        {
            if (child.HasHash && start < to && start + child.Span > from)
                children.Add(new WalkedRef(start, child));
            start += child.Span;
        }

        return children;
    }

    async ValueTask<Siblings> PruneAsync(List<WalkedRef> refs, CancellationToken cancellationToken)
    {
        if (_prune is null || refs.Count == 0)
            return new Siblings(refs);
        var hashes = new BlockHash[refs.Count];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = refs[i].Reference.Hash;
        var leaveOut = new bool[hashes.Length];
        await _prune(hashes, leaveOut, cancellationToken);
        var kept = new List<WalkedRef>(refs.Count);
        for (var i = 0; i < leaveOut.Length; i++)
        {
            if (!leaveOut[i])
                kept.Add(refs[i]);
        }

        return new Siblings(kept);
    }

    // Reads the nodes of the next siblings.
    async ValueTask LoadAsync(Siblings siblings, CancellationToken cancellationToken)
    {
        var count = Math.Min(NodesAtOnce, siblings.Refs.Count - siblings.Next);
        Array.Clear(siblings.Nodes);
        siblings.LoadedFrom = siblings.Next;
        siblings.LoadedTo = siblings.Next + count;

        // Siblings are all of one level.
        if (siblings.Refs[siblings.Next].Reference.Kind != BlockRefKind.Indirect)
            return;
        try
        {
            await LoadTogetherAsync(siblings, count, cancellationToken);
        }
        catch (Exception fault) when (_onDamage is not null && fault is (BlockMissingException or BlockCorruptException))
        {
            for (var i = 0; i < count; i++)
                siblings.Nodes[i] = await LoadOneAsync(siblings.Refs[siblings.Next + i], cancellationToken);
        }
    }

    async ValueTask LoadTogetherAsync(Siblings siblings, int count, CancellationToken cancellationToken)
    {
        var hashes = new BlockHash[count];
        for (var i = 0; i < count; i++)
            hashes[i] = siblings.Refs[siblings.Next + i].Reference.Hash;
        var blocks = new BlockLease[count];
        await _store.GetManyAsync(hashes, blocks, cancellationToken);
        try
        {
            for (var i = 0; i < count; i++)
                siblings.Nodes[i] = IndirectNode.Decode(_store, siblings.Refs[siblings.Next + i].Reference, blocks[i]);
        }
        finally
        {
            foreach (var block in blocks)
                block.Dispose();
        }
    }

    async ValueTask<IndirectNode?> LoadOneAsync(WalkedRef walked, CancellationToken cancellationToken)
    {
        try
        {
            return await IndirectNode.LoadAsync(_store, walked.Reference, cancellationToken);
        }
        catch (Exception fault) when (_onDamage is not null && fault is (BlockMissingException or BlockCorruptException))
        {
            _onDamage(walked, fault);
            return null;
        }
    }

    sealed class Siblings(List<WalkedRef> refs)
    {
        public readonly List<WalkedRef> Refs = refs;
        public readonly IndirectNode?[] Nodes = new IndirectNode?[NodesAtOnce];
        public int Next;
        public int LoadedFrom;
        public int LoadedTo;
    }
}
