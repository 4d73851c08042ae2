using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Blocks.Reconciliation;
using Vt.Trees.Sync;
using Vt.Volumes.Sync;

namespace Vt.Remotes;

/// <summary>Brings every block that one side has and the other has not, whether anything leads to it or not.</summary>
/// <remarks>
/// What is missing is found by sketches where the remote can make them, so that no listing goes over the line. A block comes after what it leads to, as its bytes tell.
/// </remarks>
/// <param name="session">The two sides.</param>
sealed class BlocksExchange(RemoteSession session)
{
    // What a transfer remembers goes with it.
    const int BlocksAtOnce = 8192;

    /// <summary>Brings them to the remote.</summary>
    public Task PushAsync(CancellationToken cancellationToken) => RunAsync(session.Here.Store, session.There, cancellationToken);

    /// <summary>Brings them from the remote.</summary>
    public Task PullAsync(CancellationToken cancellationToken) => RunAsync(session.There, session.Here.Store, cancellationToken);

    async Task RunAsync(IBlockStore source, IBlockStore target, CancellationToken cancellationToken)
    {
        var before = session.Transfer.Counters.Found;
        await foreach (var names in FindMissingAsync(source, target, cancellationToken))
        {
            foreach (var part in names.Chunk(BlocksAtOnce))
                await BringAsync(source, target, part, cancellationToken);
        }

        session.Report.Add(new SyncLine("all blocks", SyncOutcome.Brought) { Count = session.Transfer.Counters.Found - before });
    }

    IAsyncEnumerable<IReadOnlyList<BlockHash>> FindMissingAsync(IBlockStore source, IBlockStore target, CancellationToken cancellationToken) =>
        session.There is ISetSketches { CanSketch: true }
            ? new SetReconciler(SketchesOf(source), SketchesOf(target)).FindMissingAsync(cancellationToken)
            : new ListedDifference(ListingOf(source), ListingOf(target)).FindMissingAsync(cancellationToken);

    async Task BringAsync(IBlockStore source, IBlockStore target, BlockHash[] names, CancellationToken cancellationToken)
    {
        var transfer = new TreeTransfer(source, target, session.Transfer);
        await transfer.RunAsync(names.Select(new CommitItems(transfer.Reader).OfUnknown), cancellationToken);
    }

    static ISetSketches SketchesOf(IBlockStore store) =>
        store is ISetSketches { CanSketch: true } sketches ? sketches : new EnumeratedSketches(ListingOf(store), store.Hasher.Algorithm);

    static IBlockEnumeration ListingOf(IBlockStore store) =>
        store as IBlockEnumeration ?? throw new UserErrorException($"{store.Description} can't list its blocks: bring what volumes and archives lead to, with --all");
}
