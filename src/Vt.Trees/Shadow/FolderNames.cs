using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Import;

namespace Vt.Trees.Shadow;

/// <summary>Puts things in the place of others in a folder that others use, without ever replacing what was not seen.</summary>
/// <param name="top">The folder, open.</param>
/// <param name="stage">Where things get ready, and go before they go.</param>
/// <param name="label">What a version that must not be lost is called after.</param>
sealed class FolderNames(FileDescriptor top, FolderStage stage, string label)
{
    /// <summary>Why most things wait.</summary>
    public const string ChangedMeanwhile = "it has changed meanwhile, and is looked at again";

    // Inodes that were changed here: their change times are not what was seen.
    readonly HashSet<ulong> _own = [];

    /// <summary>Notes that an inode is about to be changed.</summary>
    public void Own(Dirent seen) => _own.Add(seen.Metadata.SourceInode);

    /// <summary>Whether a file is what was seen.</summary>
    public bool IsAsSeen(in Statx status, Dirent seen) =>
        InodeFacts.IsUnchanged(status, seen) || (_own.Contains(status.Inode) && status.Inode == seen.Metadata.SourceInode && (seen.Kind != DirentKind.File || status.Size == seen.Size));

    /// <summary>Puts what got ready under its name.</summary>
    /// <returns>Why not; null where it is done.</returns>
    public string? Place(FileDescriptor folder, FolderWork work, string ready)
    {
        var status = stage.TryStatReady(ready);
        if (status is null)
            return "it could not be made";
        var seen = work.Seen is { Kind: not DirentKind.Directory } ? work.Seen : null;
        var aside = stage.TakeAside(ready, status.Value, seen);
        return Put(folder, work.Name, aside, status.Value, seen);
    }

    /// <summary>Makes a name one more of an inode that the folder has.</summary>
    /// <returns>Why not; null where it is done.</returns>
    public string? Link(FileDescriptor folder, FolderWork work)
    {
        var (path, anchor) = work.Anchor!.Value;
        var slash = path.AsSpan().LastIndexOf((byte)'/');
        using var from = OpenFolder(slash < 0 ? [] : path.AsSpan(0, slash));
        if (from is null)
            return ChangedMeanwhile;
        var seen = work.Seen is { Kind: not DirentKind.Directory } ? work.Seen : null;
        var (error, aside, status) = stage.LinkAside(from, path.AsSpan(slash + 1), seen);
        if (error == Errno.ENOENT)
            return ChangedMeanwhile;
        if (error != Errno.OK)
            return PosixException.TextOf(error);
        if (status.Inode != anchor.Metadata.SourceInode)
        {
            stage.DropAside(aside);
            return ChangedMeanwhile;
        }

        _own.Add(status.Inode);
        return Put(folder, work.Name, aside, status, seen);
    }

    /// <summary>Makes a name in a directory that got ready one more of an inode that the folder has. Where that can't be it stays a file by itself.</summary>
    /// <param name="ready">The directory.</param>
    /// <param name="path">The path in it.</param>
    /// <param name="anchor">Another name of the inode.</param>
    public void LinkReady(string ready, ReadOnlySpan<byte> path, (byte[] Path, Dirent Seen) anchor)
    {
        var slash = anchor.Path.AsSpan().LastIndexOf((byte)'/');
        using var from = OpenFolder(slash < 0 ? [] : anchor.Path.AsSpan(0, slash));
        if (from is null)
            return;
        var (error, aside, status) = stage.LinkAside(from, anchor.Path.AsSpan(slash + 1), seen: null);
        if (error != Errno.OK)
            return;
        _own.Add(status.Inode);
        if (status.Inode != anchor.Seen.Metadata.SourceInode || !stage.TryMoveIntoReady(aside, ready, path))
            stage.DropAside(aside);
    }

    /// <summary>Takes a name away that isn't a directory's, if it is what was seen.</summary>
    /// <returns>Why not; null where it is gone.</returns>
    public string? Remove(FileDescriptor folder, ReadOnlySpan<byte> name, Dirent seen)
    {
        var error = PosixFile.TryStatAt(folder, name, follow: false, out var status);
        if (error == Errno.ENOENT)
            return null;
        if (error != Errno.OK || !IsAsSeen(status, seen))
            return error == Errno.OK ? ChangedMeanwhile : PosixException.TextOf(error);
        var aside = AsideName.Of(0, seen);
        error = PosixFile.TryRenameAt(folder, name, stage.Aside, aside);
        if (error != Errno.OK)
            return error == Errno.ENOENT ? null : PosixException.TextOf(error);
        Own(seen);
        if (stage.IsSeenAside(aside, seen))
        {
            stage.DropAside(aside);
            return null;
        }

        GiveBack(folder, name, aside);
        return ChangedMeanwhile;
    }

    string? Put(FileDescriptor folder, ReadOnlySpan<byte> name, byte[] aside, in Statx status, Dirent? seen)
    {
        if (seen is null)
            return PutNew(folder, name, aside, status);
        var error = PosixFile.TryStatAt(folder, name, follow: false, out var there);
        if (error == Errno.OK && !IsAsSeen(there, seen))
            error = Errno.EEXIST;
        if (error == Errno.OK)
            error = stage.Exchange(folder, name, aside);
        if (error != Errno.OK)
        {
            stage.DropAside(aside);
            return error is Errno.EEXIST or Errno.ENOENT ? ChangedMeanwhile : PosixException.TextOf(error);
        }

        Own(seen);
        if (stage.IsSeenAside(aside, seen))
        {
            stage.DropAside(aside);
            return null;
        }

        // Somebody wrote to it, or put another in its place, in between: theirs comes back, and if there is yet another by now, that lies beside.
        if (stage.Exchange(folder, name, aside) == Errno.OK && stage.IsAside(aside, status.Inode))
            stage.DropAside(aside);
        else
            GiveBack(folder, name, aside);
        return ChangedMeanwhile;
    }

    string? PutNew(FileDescriptor folder, ReadOnlySpan<byte> name, byte[] aside, in Statx status)
    {
        var error = stage.MoveFromAside(folder, name, aside, status);
        if (error == Errno.OK)
            return null;
        stage.DropAside(aside);
        return error == Errno.EEXIST ? ChangedMeanwhile : PosixException.TextOf(error);
    }

    // Under its name, or where that is taken, beside.
    void GiveBack(FileDescriptor folder, ReadOnlySpan<byte> name, byte[] aside)
    {
        if (PosixFile.TryRenameAt(stage.Aside, aside, folder, name, PosixFile.RENAME_NOREPLACE) != Errno.OK)
            stage.GiveBackBeside(folder, name, aside, label);
    }

    FileDescriptor? OpenFolder(ReadOnlySpan<byte> path) => FolderTrees.TryOpen(top, path);
}
