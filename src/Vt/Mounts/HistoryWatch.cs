using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Trees.Archives;

namespace Vt.Mounts;

/// <summary>Lets a mount of all states show those that the archive gets while it is mounted, whoever appends them.</summary>
sealed class HistoryWatch(ArchiveFile archive, IBlockStore listing, ReadOnlyFileSystem files, FuseNotifier notifier, TimeProvider clock, Action<string> log)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Looks until it is stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var seen = archive.Length;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var length = archive.Length;
                if (length != seen && await TryShowAsync(cancellationToken))
                    seen = length;
            }
        }
        catch (OperationCanceledException)
        {
            // The mount has ended.
        }
    }

    async ValueTask<bool> TryShowAsync(CancellationToken cancellationToken)
    {
        try
        {
            var tree = await MountedTree.ListStatesAsync(archive, listing, cancellationToken);
            files.ReplaceRoot(tree.Root);

            // The kernel keeps names that it found absent, and the listing: it asks for all of them again.
            notifier.InvalidateInode(NodeId.Root);
            notifier.IncrementEpoch();
            return true;
        }
        catch (Exception fault) when (fault is UserErrorException or FormatInvalidException or IOException)
        {
            log($"{archive.Path}: new states can't be shown: {fault.Message}");
            return false;
        }
    }
}
