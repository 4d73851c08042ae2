using Vt.Blocks.Contracts;
using Vt.Trees.Check;
using Vt.Trees.Dirents;
using Vt.Trees.Sync;

namespace Vt.Remotes;

/// <summary>Brings the blocks of a tree from one side to the other. No reference is made: who wants to keep it there has to hold on to its text.</summary>
/// <param name="session">The two sides.</param>
sealed class TreeExchange(RemoteSession session)
{
    /// <summary>Brings a tree to the remote.</summary>
    public async Task PushAsync(Dirent root, CancellationToken cancellationToken)
    {
        await BringAsync(session.Here.Store, session.There, root, cancellationToken);
        if (!session.Options.IsDryRun)
            await VolumeCheck.CheckAsync(session, [new CheckedTree("tree", root, IsWhole: false)], cancellationToken);
        session.Report.Add(new SyncLine(root.ToString(), SyncOutcome.Brought));
    }

    /// <summary>Brings a tree from the remote.</summary>
    public async Task PullAsync(Dirent root, CancellationToken cancellationToken)
    {
        await BringAsync(session.There, session.Here.Store, root, cancellationToken);
        session.Report.Add(new SyncLine(root.ToString(), SyncOutcome.Brought));
    }

    async Task BringAsync(IBlockStore source, IBlockStore target, Dirent root, CancellationToken cancellationToken)
    {
        var transfer = new TreeTransfer(source, target, session.Transfer);
        var items = new List<TransferItem>();
        new TreeItems(transfer.Reader).AddTree(root, items);
        await transfer.RunAsync(items, cancellationToken);
    }
}
