using System.Runtime.CompilerServices;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Directories;

/// <summary>
/// Compares two directories by their structure: nodes that both have are passed over unread, so the cost follows the
/// difference.
/// </summary>
public static class DirectoryDiff
{
    /// <summary>Every name whose entries differ, in order.</summary>
    /// <param name="reader">Reads both.</param>
    /// <param name="before">The first directory's content.</param>
    /// <param name="after">The second directory's content.</param>
    /// <param name="order">What the trees are ordered by.</param>
    /// <param name="cancellationToken">Stops the comparison.</param>
    public static async IAsyncEnumerable<DirectoryDifference> CompareAsync(
        DirectoryReader reader,
        BlockRef before,
        BlockRef after,
        DirectoryOrder order = DirectoryOrder.Names,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (before == after)
            yield break;
        var left = new Cursor(reader.Loader);
        var right = new Cursor(reader.Loader);
        await left.StartAsync(before, order, cancellationToken);
        await right.StartAsync(after, order, cancellationToken);
        while (!left.AtEnd || !right.AtEnd)
        {
            if (left.Height > 0 || right.Height > 0)
            {
                await ApproachAsync(left, right, cancellationToken);
                continue;
            }

            var byKey = left.AtEnd ? 1 : right.AtEnd ? -1 : left.Key.SequenceCompareTo(right.Key);
            if (byKey != 0 || !left.Form.SequenceEqual(right.Form))
                yield return new DirectoryDifference(byKey <= 0 ? left.Dirent : null, byKey >= 0 ? right.Dirent : null);
            if (byKey <= 0)
                left.Advance();
            if (byKey >= 0)
                right.Advance();
        }
    }

    // Both stand at the same entry, or the nodes that they stand before begin there: nothing between them was left uncompared.
    static async ValueTask ApproachAsync(Cursor left, Cursor right, CancellationToken cancellationToken)
    {
        var (leftHeight, rightHeight) = (left.Height, right.Height);
        if (leftHeight == rightHeight && left.Node == right.Node)
        {
            left.Advance();
            right.Advance();
            return;
        }

        if (leftHeight >= rightHeight)
            await left.DescendAsync(cancellationToken);
        if (rightHeight >= leftHeight)
            await right.DescendAsync(cancellationToken);
    }

    /// <summary>A place in a directory: before an entry, or before a node not yet read.</summary>
    sealed class Cursor(NodeLoader loader)
    {
        readonly Stack<(DirectoryNode Node, int Index)> _path = [];

        public bool AtEnd => _path.Count == 0;

        /// <summary>How far above the entries: 0 before an entry, the level plus one before a node, -1 at the end.</summary>
        public int Height => _path.TryPeek(out var top) ? top.Node.Level : -1;

        public BlockHash Node => _path.Peek().Node.ChildAt(_path.Peek().Index).Node.Hash;

        public ReadOnlySpan<byte> Key => _path.Peek().Node.KeySpanAt(_path.Peek().Index);

        public ReadOnlySpan<byte> Form => _path.Peek().Node.FormAt(_path.Peek().Index);

        public Dirents.Dirent Dirent => _path.Peek().Node.DirentAt(_path.Peek().Index);

        public async ValueTask StartAsync(BlockRef directory, DirectoryOrder order, CancellationToken cancellationToken)
        {
            if (directory.Span > 0)
                _path.Push((await loader.LoadRootAsync(directory, order, cancellationToken), 0));
        }

        public async ValueTask DescendAsync(CancellationToken cancellationToken)
        {
            var (node, index) = _path.Peek();
            _path.Push((await loader.LoadChildAsync(node, index, cancellationToken), 0));
        }

        public void Advance()
        {
            while (_path.TryPop(out var top))
            {
                if (top.Index + 1 < top.Node.Count)
                {
                    _path.Push((top.Node, top.Index + 1));
                    return;
                }
            }
        }
    }
}
