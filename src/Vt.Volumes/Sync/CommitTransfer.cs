using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Sync;

namespace Vt.Volumes.Sync;

/// <summary>Brings commits from one store to another, with their trees.</summary>
/// <param name="source">Has them.</param>
/// <param name="target">Gets them.</param>
/// <param name="options">How.</param>
public sealed class CommitTransfer(IBlockStore source, IBlockStore target, TransferOptions options)
{
    // What a run remembers of trees grows with them; the commits of one share most of theirs.
    const int CommitsAtOnce = 256;

    /// <summary>Brings commits, and makes them durable.</summary>
    /// <param name="commits">None before one that it comes from.</param>
    /// <param name="cancellationToken">Breaks it off; what was brought stays.</param>
    public async Task RunAsync(IEnumerable<BlockHash> commits, CancellationToken cancellationToken = default)
    {
        foreach (var part in commits.Chunk(CommitsAtOnce))
        {
            var transfer = new TreeTransfer(source, target, options);
            var items = new CommitItems(transfer.Reader);
            await transfer.RunAsync(part.Select(items.Of), cancellationToken);
        }
    }
}
