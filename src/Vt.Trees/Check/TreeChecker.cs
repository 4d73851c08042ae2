using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Check;

/// <summary>
/// Follows trees from their roots to the last block and names whatever is missing, damaged or inconsistent by each path and range of bytes
/// that suffers. A fault never ends the check.
/// </summary>
/// <remarks>
/// Every block is read once, however many trees and files share it, and checked against its name, whatever the store says; content is read on all
/// processors. A bad block is reported where it is met first, and, once all trees were gone over, at every other place that needs it, up to
/// a thousand each. Memory: 20 to 30 bytes a distinct block, twice that for one of a tree, up to 50 million of them, so at most 1.5 GiB; 12 MiB of content for each processor;
/// the names of hard-linked inodes of one tree.
/// </remarks>
public sealed class TreeChecker
{
    readonly IBlockStore _store;
    readonly bool _readData;
    readonly Action<TreeFault> _report;
    readonly CheckCounters _counters;

    // Makes reports come one at a time.
    readonly Lock _reportGate = new();

    /// <summary>Prepares a check.</summary>
    /// <param name="store">Where the trees are; not disposed.</param>
    /// <param name="readData">Whether every block of content is read, too, and not only asked for.</param>
    /// <param name="report">Is told of each fault as it is found, from any thread but one call at a time; in no order.</param>
    /// <param name="counters">Counts; null for none.</param>
    public TreeChecker(IBlockStore store, bool readData, Action<TreeFault> report, CheckCounters? counters = null)
    {
        _store = store;
        _readData = readData;
        _report = report;
        _counters = counters ?? new CheckCounters();
    }

    /// <summary>Checks trees.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <exception cref="StoreUnavailableException">The store can't be reached; that is no fault of a tree.</exception>
    public async Task CheckAsync(IReadOnlyList<CheckedTree> trees, CancellationToken cancellationToken = default)
    {
        var bad = new BadBlocks((place, hash, what) => Report(trees, place, hash, what));
        await using var store = new CheckingStore(_store);
        var contents = new ContentChecker(store, _readData, bad, _counters);
        await contents.RunAsync(token => PassAsync(store, trees, bad, contents, token), cancellationToken);
        if (!bad.IsAny)
            return;
        await PassAsync(store, trees, bad, contents: null, cancellationToken);
        bad.ReportUntold();
    }

    async Task PassAsync(
        CheckingStore store, IReadOnlyList<CheckedTree> trees, BadBlocks bad, ContentChecker? contents, CancellationToken cancellationToken)
    {
        var pass = new TreePass(
            store, bad, new SeenBlocks(), contents, (place, what) => Report(trees, place, default, what), _counters);
        for (var i = 0; i < trees.Count; i++)
            await pass.WalkAsync(i, trees[i], cancellationToken);
    }

    void Report(IReadOnlyList<CheckedTree> trees, in CheckPlace place, BlockHash hash, string what)
    {
        lock (_reportGate)
        {
            _counters.CountFault();
            _report(new TreeFault(trees[place.Tree].Name, CheckPath.Of(place.Path), place.Offset, place.Length, hash, what));
        }
    }
}
