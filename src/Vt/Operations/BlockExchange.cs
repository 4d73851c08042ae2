using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Output;
using Vt.Trees.Dirents;
using Vt.Trees.Sync;

namespace Vt.Operations;

/// <summary>Brings the blocks of a tree from one store to another, under the eyes of who waits for it: only what the other lacks travels.</summary>
static class BlockExchange
{
    /// <summary>Brings them, and makes them durable there.</summary>
    /// <param name="context">The command.</param>
    /// <param name="verb">What it is called, in one word.</param>
    /// <param name="source">Has them.</param>
    /// <param name="target">Gets them.</param>
    /// <param name="root">The tree, with its inode table.</param>
    /// <param name="isThorough">Whether the target is asked about every block, and not believed to have all below a tree block that it has.</param>
    /// <param name="cancellationToken">Breaks it off; what was sent stays, and the next goes on from there.</param>
    public static async Task<TransferCounters> RunAsync(
        CommandContext context, string verb, IBlockStore source, IBlockStore target, Dirent root, bool isThorough, CancellationToken cancellationToken)
    {
        var counters = new TransferCounters();
        var options = new TransferOptions { Counters = counters };
        await using var doubted = isThorough ? new DoubtedStore(target) : null;
        var transfer = new TreeTransfer(source, doubted ?? target, options);
        var items = new List<TransferItem>();
        new TreeItems(transfer.Reader).AddTree(root, items);
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, verb, () => new ProgressSnapshot(counters.SentBytes, counters.SentBlocks) { Things = "blocks" }))
            await transfer.RunAsync(items, cancellationToken);
        return counters;
    }

    /// <summary>What a transfer did, for people.</summary>
    public static string Summary(TransferCounters counters) => $"{HumanText.Count(counters.SentBlocks, "block")}, {HumanText.Size(counters.SentBytes)}, of {HumanText.Count(counters.Asked)} asked about";

    /// <summary>A store that nobody takes at its word: that a tree block is there says nothing of what is below it.</summary>
    sealed class DoubtedStore(IBlockStore inner) : DelegatingStore(inner)
    {
        public override bool IsComplete => false;
    }
}
