using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Sync;

/// <summary>
/// Brings blocks and all that is below them from one store to another: only what the other has not got travels. What a block leads to is added before the
/// block, so that a transfer that is broken off leaves nothing that promises more than is there, and the next goes on from there. One run at a time.
/// </summary>
/// <remarks>
/// Goes down in batches, the newest first, so that what waits is bounded by the depth of the trees and not by their width. A batch of names is asked about; those that
/// are trees and not there are fetched together and looked into; those that are not trees go over in batches of their own, several at a time. A tree is sent when everything
/// below it is there or was sent. Memory: some 150 bytes for each tree block that was not there, and some tens of MiB.
/// </remarks>
#pragma warning disable CA1001 // What is held are arrays, and the source is not disposed.
public sealed class TreeTransfer
#pragma warning restore CA1001
{
    const int MostAsked = 1024;
    const int LeavesAtOnce = 256;
    const int MostRemembered = 1 << 20;
    const long TreeBytesAtOnce = 2 << 20;

    readonly IBlockStore _source;
    readonly IBlockStore _target;
    readonly TransferCounters _counters;
    readonly BlockSender _sender;
    readonly HeldBlocks _held;
    readonly Dictionary<BlockHash, TransferNode> _nodes = [];
    readonly Stack<(TransferItem Item, TransferNode? Parent)> _waiting = new();

    // What is there, or about to be, as far as it was asked about not long ago.
    readonly HashSet<(BlockHash Hash, bool IsTree)> _settled = [];
    readonly List<BlockHash> _leaves = [];
    readonly List<(BlockHash Hash, byte[] Bytes)> _trees = [];
    long _treeBytes;

    /// <summary>Makes a transfer.</summary>
    /// <param name="source">Has everything; not disposed.</param>
    /// <param name="target">Gets what it has not got; not disposed.</param>
    /// <param name="options">How; the defaults when null.</param>
    public TreeTransfer(IBlockStore source, IBlockStore target, TransferOptions? options = null)
    {
        options ??= new TransferOptions();
        (_source, _target, _counters) = (source, target, options.Counters);
        _sender = new BlockSender(source, target, options);
        _held = new HeldBlocks(source);
    }

    /// <summary>Where items find what they look into.</summary>
    public IBlockStore Reader => _held;

    /// <summary>Brings items, and makes them durable there.</summary>
    /// <param name="items">What to bring.</param>
    /// <param name="cancellationToken">Breaks the transfer off; what was sent stays.</param>
    /// <exception cref="BlockMissingException">The source has not got a block that is needed.</exception>
    /// <exception cref="UserErrorException">The stores name blocks by different algorithms.</exception>
    public async Task RunAsync(IEnumerable<TransferItem> items, CancellationToken cancellationToken = default)
    {
        if (_source.Hasher.Algorithm != _target.Hasher.Algorithm)
        {
            throw new UserErrorException(
                $"{_source.Description} names blocks by {HashAlgorithms.NameOf(_source.Hasher.Algorithm)}, {_target.Description} by {HashAlgorithms.NameOf(_target.Hasher.Algorithm)}: what is in one can't be sent to the other as it is");
        }

        foreach (var item in items)
            _waiting.Push((item, null));
        try
        {
            while (_waiting.Count > 0)
                await GoDownAsync(cancellationToken);
            await SendTreesAsync(cancellationToken);
        }
        finally
        {
            // Nobody reads or writes any more when this has ended.
            await _sender.EndAsync();
        }

        await _target.FlushAsync(cancellationToken);
    }

    async Task GoDownAsync(CancellationToken cancellationToken)
    {
        var asked = TakeUnknown();
        var hashes = asked.Select(static next => next.Item.Hash).ToArray();
        var present = new bool[hashes.Length];
        await _target.ContainsManyAsync(hashes, present, cancellationToken);
        _counters.CountAsked(hashes.Length);
        var opened = new List<(TransferItem Item, TransferNode Node)>();
        for (var i = 0; i < asked.Count; i++)
        {
            var (item, parent) = asked[i];
            if (item.Expand is null)
                SettleLeaf(item.Hash, present[i], parent);
            else if (present[i] && _target.IsComplete)
                Remember(item.Hash, isTree: true, parent);
            else
                opened.Add((item, Open(item.Hash, !present[i], parent)));
        }

        await ExpandAsync(opened, cancellationToken);
        if (_leaves.Count >= LeavesAtOnce)
            await SendLeavesAsync(cancellationToken);
        if (_treeBytes >= TreeBytesAtOnce)
            await SendTreesAsync(cancellationToken);
    }

    /// <summary>The next items that nothing is known of.</summary>
    List<(TransferItem Item, TransferNode? Parent)> TakeUnknown()
    {
        var batch = new List<(TransferItem Item, TransferNode? Parent)>();
        var names = new HashSet<BlockHash>();
        var twice = new List<(TransferItem Item, TransferNode? Parent)>();
        while (batch.Count < MostAsked && _waiting.TryPop(out var next))
        {
            var isTree = next.Item.Expand is not null;
            if (_settled.Contains((next.Item.Hash, isTree)))
                Settle(next.Parent);
            else if (isTree && _nodes.TryGetValue(next.Item.Hash, out var node))
                Link(node, next.Parent);
            else if (names.Add(next.Item.Hash))
                batch.Add(next);
            else
                twice.Add(next);
        }

        // Known by the next time.
        foreach (var next in twice)
            _waiting.Push(next);
        return batch;
    }

    void SettleLeaf(BlockHash hash, bool isPresent, TransferNode? parent)
    {
        if (!isPresent)
        {
            _leaves.Add(hash);
            _counters.CountFound(1);
        }

        Remember(hash, isTree: false, parent);
    }

    void Remember(BlockHash hash, bool isTree, TransferNode? parent)
    {
        if (_settled.Count >= MostRemembered)
            _settled.Clear();
        _settled.Add((hash, isTree));
        Settle(parent);
    }

    TransferNode Open(BlockHash hash, bool isWanted, TransferNode? parent)
    {
        var node = new TransferNode(hash, isWanted);
        _nodes.Add(hash, node);
        Link(node, parent);
        _counters.CountFound(isWanted ? 1 : 0);
        return node;
    }

    void Link(TransferNode node, TransferNode? parent)
    {
        if (node.IsSettled)
            Settle(parent);
        else if (parent is not null)
            node.AddParent(parent);
    }

    async Task ExpandAsync(List<(TransferItem Item, TransferNode Node)> opened, CancellationToken cancellationToken)
    {
        if (opened.Count == 0)
            return;
        await _held.HoldAsync([.. opened.Select(static tree => tree.Item.Hash)], cancellationToken);
        var below = new List<TransferItem>();
        foreach (var (item, node) in opened)
        {
            below.Clear();
            await item.Expand!(below, cancellationToken);
            node.Unsettled += below.Count;
            foreach (var child in below)
                _waiting.Push((child, node));
            Settle(node);
        }
    }

    /// <summary>One less of what a node waits for; the last makes it ready, and may make those ready that wait for it.</summary>
    void Settle(TransferNode? node)
    {
        if (node is null || --node.Unsettled > 0)
            return;
        var ready = new Stack<TransferNode>([node]);
        while (ready.TryPop(out var next))
        {
            var bytes = _held.Take(next.Hash);
            if (next.IsWanted)
            {
                _trees.Add((next.Hash, bytes));
                _treeBytes += bytes.Length;
            }

            foreach (var parent in next.Settle())
            {
                if (--parent.Unsettled == 0)
                    ready.Push(parent);
            }
        }
    }

    async Task SendLeavesAsync(CancellationToken cancellationToken)
    {
        foreach (var part in _leaves.Chunk(LeavesAtOnce))
            await _sender.BeginAsync(part, cancellationToken);
        _leaves.Clear();
    }

    // All that is below these was found before them, and is there when the leaves are.
    async Task SendTreesAsync(CancellationToken cancellationToken)
    {
        await SendLeavesAsync(cancellationToken);
        await _sender.WhenAllSentAsync();
        await _sender.SendAsync(_trees, cancellationToken);
        _trees.Clear();
        _treeBytes = 0;
    }
}
