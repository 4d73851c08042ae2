using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Mounts;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;

namespace Vt.Versions;

/// <summary>Where the tree of an archive can be changed as a whole: in the file, which nobody else writes to meanwhile, or by the server that it is mounted by.</summary>
/// <param name="archive">The archive.</param>
/// <param name="refs">The store's references; null where it has none.</param>
/// <param name="hold">A claim on the file; null where it is mounted.</param>
/// <param name="mount">The mount; null where there is none.</param>
sealed class TreePlace(ArchiveFile archive, IRefStore refs, ArchiveHold? hold, LiveMount? mount) : IDisposable
{
    /// <summary>Makes a state of what has changed in the mount.</summary>
    public void Sync() => mount?.Sync();

    /// <summary>Gives the archive another tree, as one step to all who see it.</summary>
    /// <param name="root">The tree, whose blocks are in the store.</param>
    /// <param name="expected">What it must have now; null for whatever it has.</param>
    /// <exception cref="UserErrorException">It can't be done now; all is as it was.</exception>
    public async ValueTask ReplaceAsync(Dirent root, Dirent? expected)
    {
        if (mount is not null)
            mount.Turn(new ArchiveTurn(mount.Archive, root, expected));
        else
            await archive.AppendAsync(root, refs, CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Dispose() => hold?.Dispose();
}
