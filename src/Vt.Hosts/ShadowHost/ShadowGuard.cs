using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Shadow;

namespace Vt.Hosts.ShadowHost;

/// <summary>Refuses what looks like an accident: a folder whose disk is not mounted, an archive that is another one.</summary>
/// <param name="options">The shadow.</param>
/// <param name="state">What it knows.</param>
sealed class ShadowGuard(ShadowOptions options, ShadowState state)
{
    /// <summary>Looks at the folder.</summary>
    /// <param name="folder">The folder, open.</param>
    /// <param name="reader">Reads its tree as it was.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">It was emptied, or is another one.</exception>
    public async ValueTask CheckFolderAsync(FileDescriptor folder, DirectoryReader reader, CancellationToken cancellationToken)
    {
        if (options.Force)
            return;
        var status = PosixFile.Fstat(folder);
        var isOther = status.Inode != state.Inode || (status.Device != state.Device && !await HasKnownAsync(folder, reader, cancellationToken));
        if (isOther && options.Folder != state.Folder)
            throw new UserErrorException($"the state is that of {state.Folder}, which is another folder than {options.Folder}: each has a state of its own (--state); --force takes it for the same one, --anew joins it as at the first time");
        if (isOther)
            throw new UserErrorException($"{options.Folder} is another folder than at the last round, of inode {status.Inode} and not {state.Inode}: is its disk mounted? --force takes it as it is, --anew joins it as at the first time");
        if (state.Seen.Content.Span > 0 && IsEmpty(folder))
            throw new UserErrorException($"{options.Folder} is empty and was not at the last round: is its disk mounted? --force removes everything from the archive's newest state, --anew fills the folder from it");
    }

    /// <summary>Looks at the archive.</summary>
    /// <exception cref="UserErrorException">It has not got the state that was agreed on.</exception>
    public void CheckTarget(ArchiveFile archive)
    {
        if (options.Force)
            return;
        if (archive.Exists && !archive.IsUnfinished && archive.ReadBackwards().Any(one => one.Root.Equals(state.Agreed)))
            return;
        var agreement = $"{options.Folder} agreed on with it on {state.When.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC";
        throw new UserErrorException(archive.Exists
            ? $"{options.Archive} has not got the state that {agreement}: is it another archive, or an older copy? --force makes the folder as the archive is, --anew joins both as at the first time"
            : $"{options.Archive} is not there, nor the state that {agreement}: is its disk mounted? --force makes it anew of what the folder has");
    }

    // Numbers of file systems change from start to start; the inodes in them don't.
    async ValueTask<bool> HasKnownAsync(FileDescriptor folder, DirectoryReader reader, CancellationToken cancellationToken)
    {
        await foreach (var entry in reader.EnumerateAsync(state.Seen.Content, cancellationToken: cancellationToken))
        {
            var inode = await TreePath.FollowAsync(reader, state.Seen, entry, cancellationToken);
            if (PosixFile.TryStatAt(folder, entry.Name.Span, follow: false, out var status) == Errno.OK && status.Inode == inode.Metadata.SourceInode)
                return true;
        }

        return state.Seen.Content.Span == 0;
    }

    static bool IsEmpty(FileDescriptor folder)
    {
        using var again = PosixFile.OpenAt(folder, "."u8, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        foreach (var entry in new DirectoryListing(again))
        {
            if (!ShadowFolder.IsOwn(entry.Name))
                return false;
        }

        return true;
    }
}
