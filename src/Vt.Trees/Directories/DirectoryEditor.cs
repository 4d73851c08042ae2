using Vt.Blocks.BlockTree;

namespace Vt.Trees.Directories;

/// <summary>
/// Changes directories: gives the directory that a builder would make of the changed entries, at the cost of the nodes that
/// are touched and their paths. Safe from any thread.
/// </summary>
public sealed class DirectoryEditor
{
    readonly DirectoryReader _reader;
    readonly TreeBatch _batch;

    /// <summary>Reads old nodes and writes new ones.</summary>
    /// <param name="reader">Reads the directories; what is to be edited must have been drained from the batch before.</param>
    /// <param name="batch">Takes the nodes that are new. Not drained.</param>
    public DirectoryEditor(DirectoryReader reader, TreeBatch batch)
    {
        _reader = reader;
        _batch = batch;
    }

    /// <summary>Applies changes.</summary>
    /// <param name="directory">The directory's content; stays as it is.</param>
    /// <param name="edits">The changes in ascending order of their keys, each key once.</param>
    /// <param name="order">What the tree is ordered by.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The changes are not in order.</exception>
    public async ValueTask<DirectoryRoot> ApplyAsync(
        BlockRef directory, IReadOnlyList<DirectoryEdit> edits, DirectoryOrder order = DirectoryOrder.Names, CancellationToken cancellationToken = default)
    {
        CheckOrder(edits);
        if (edits.Count == 0)
            return await _reader.GetRootAsync(directory, order, cancellationToken);
        using var assembler = new NodeAssembler(_batch, order);
        var pass = new Pass(_reader.Loader, assembler, edits);
        if (directory.Span > 0)
            await pass.DescendAsync(await _reader.Loader.LoadRootAsync(directory, order, cancellationToken), isLast: true, cancellationToken);
        await pass.PutRestAsync(cancellationToken);
        var root = await assembler.CompleteAsync(cancellationToken);
        return assembler.RootIsReused ? await LowerAsync(root, order, cancellationToken) : root;
    }

    // A node that was taken over whole may be higher than what it holds needs.
    async ValueTask<DirectoryRoot> LowerAsync(DirectoryRoot root, DirectoryOrder order, CancellationToken cancellationToken)
    {
        while (true)
        {
            var node = await _reader.Loader.LoadRootAsync(root.Content, order, cancellationToken);
            if (node.Level == 0 || node.Count > 1)
                return root;
            root = root with { Content = node.ChildAt(0).Node };
        }
    }

    static void CheckOrder(IReadOnlyList<DirectoryEdit> edits)
    {
        for (var i = 1; i < edits.Count; i++)
        {
            if (edits[i - 1].Key.Span.SequenceCompareTo(edits[i].Key.Span) >= 0)
                throw new ArgumentException("edits have to come in ascending order, each name once", nameof(edits));
        }
    }

    /// <summary>One walk from left to right through the old tree, merging the edits in.</summary>
    sealed class Pass(NodeLoader loader, NodeAssembler assembler, IReadOnlyList<DirectoryEdit> edits)
    {
        int _next;

        /// <summary>Adds what a node becomes.</summary>
        /// <param name="node">The old node.</param>
        /// <param name="isLast">Whether it is the last of its level, which edits of all larger keys fall to.</param>
        /// <param name="cancellationToken">Gives up.</param>
        public async ValueTask DescendAsync(DirectoryNode node, bool isLast, CancellationToken cancellationToken)
        {
            if (node.Level == 0)
            {
                await MergeAsync(node, cancellationToken);
                return;
            }

            for (var i = 0; i < node.Count; i++)
            {
                var childIsLast = isLast && i == node.Count - 1;
                if (!IsTouched(node.KeySpanAt(i), childIsLast) && assembler.IsAtEdge(node.Level - 1))
                    await assembler.ReuseAsync(node.ChildAt(i), node.Level - 1, cancellationToken);
                else
                    await DescendAsync(await loader.LoadChildAsync(node, i, cancellationToken), childIsLast, cancellationToken);
            }
        }

        /// <summary>Adds what comes after the last old entry.</summary>
        public async ValueTask PutRestAsync(CancellationToken cancellationToken)
        {
            while (_next < edits.Count)
                await PutNextAsync(cancellationToken);
        }

        async ValueTask MergeAsync(DirectoryNode leaf, CancellationToken cancellationToken)
        {
            for (var i = 0; i < leaf.Count; i++)
            {
                var order = CompareNext(leaf.KeySpanAt(i));
                for (; order < 0; order = CompareNext(leaf.KeySpanAt(i)))
                    await PutNextAsync(cancellationToken);
                if (order == 0)
                    await PutNextAsync(cancellationToken);
                else
                    await assembler.AddAsync(leaf, i, cancellationToken);
            }
        }

        ValueTask PutNextAsync(CancellationToken cancellationToken) =>
            edits[_next++].Dirent is { } dirent ? assembler.AddAsync(dirent, cancellationToken) : ValueTask.CompletedTask;

        int CompareNext(ReadOnlySpan<byte> key) => _next < edits.Count ? edits[_next].Key.Span.SequenceCompareTo(key) : 1;

        bool IsTouched(ReadOnlySpan<byte> lastKey, bool isLast) => _next < edits.Count && (isLast || CompareNext(lastKey) <= 0);
    }
}
