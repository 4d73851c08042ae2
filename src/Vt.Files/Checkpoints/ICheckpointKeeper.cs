using Vt.Trees.Dirents;

namespace Vt.Files.Checkpoints;

/// <summary>Keeps what a checkpoint has made of the tree: in the live state folder and in an archive or branch.</summary>
interface ICheckpointKeeper
{
    /// <summary>
    /// The tree is stored and flushed: makes its root the one that a replay starts from. When the task completes that is durable, and the
    /// records of earlier epochs may go.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="firstEpoch">The first epoch whose changes are not in it.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    ValueTask KeepAsync(Dirent root, uint firstEpoch, CancellationToken cancellationToken);
}
