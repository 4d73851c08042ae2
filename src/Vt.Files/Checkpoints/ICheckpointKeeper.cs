using Vt.Files.Journal;
using Vt.Trees.Dirents;

namespace Vt.Files.Checkpoints;

/// <summary>Keeps what a checkpoint has made of the tree: in the live state folder and in an archive or branch.</summary>
interface ICheckpointKeeper
{
    /// <summary>
    /// The tree is stored and flushed: makes its root the one that a replay starts from. When the task completes that is durable, and the
    /// records of earlier epochs may go.
    /// </summary>
    /// <param name="root">The root; null where only what is local has changed, and the one from before stands.</param>
    /// <param name="firstEpoch">The first epoch whose changes are not in it.</param>
    /// <param name="local">What is local then.</param>
    /// <param name="cancellationToken">
    /// Gives up. Where that is when the root is written already, it counts, and what is left to do is done by the next opening.
    /// </param>
    ValueTask KeepAsync(Dirent? root, uint firstEpoch, LocalState local, CancellationToken cancellationToken);
}
