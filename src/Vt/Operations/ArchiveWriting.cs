using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Posix;
using Vt.Trees.Archives;

namespace Vt.Operations;

/// <summary>Lets nobody mount an archive for writing while it gets a state.</summary>
static class ArchiveWriting
{
    /// <summary>Takes an archive. A mount for writing goes on from the state that it knows as the newest: there must be no other meanwhile.</summary>
    /// <param name="archive">Its path; made, empty, where there is none.</param>
    /// <exception cref="UserErrorException">It is mounted, or changes of a mount that was killed wait.</exception>
    public static ArchiveHold Hold(string archive)
    {
        if (ArchiveHold.TryTake(archive, LockKind.Shared, out var holder) is not { } hold)
            throw new UserErrorException($"{archive} is mounted for writing, by process {holder.Process}: copy into the mount, or unmount it first");
        if (!LiveArchive.HasWaitingChanges(archive))
            return hold;
        hold.Dispose();
        throw new UserErrorException(
            $"{archive}: changes of a mount that was killed wait in {archive}{LiveArchive.StateFolderExtension}: mount the archive once, so that they get into it, or move that folder away to give them up");
    }
}
