using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Export;

/// <summary>
/// Gives entries their owner, attributes, permissions and times, in that order: chown(2) clears setuid and capabilities, user
/// attributes can't be set once a file is read-only, and times go last. Safe from any thread.
/// </summary>
sealed class MetadataRestorer(ExportSession session)
{
    /// <summary>What the owner needs to fill a directory.</summary>
    public const uint WhileFilled = 0x1c0;

    const uint Privileges = ModeBits.S_ISUID | ModeBits.S_ISGID;

    readonly OwnerMap _owners = new(session.Options.NumericOwner);

    /// <summary>Lets the owner fill a directory that was there, which its permissions may forbid; they are restored at the end.</summary>
    public static void LetFill(FileDescriptor directory)
    {
        if (PosixFile.TryFstat(directory, out var status) == Errno.OK && (status.Permissions & WhileFilled) != WhileFilled)
            _ = Ownership.TryChmod(directory, status.Permissions | WhileFilled);
    }

    /// <summary>Restores a directory's.</summary>
    public void Restore(ExportDirectory directory, Dirent dirent, FileDescriptor file) =>
        Restore(directory, [], dirent.Metadata, file, directory.IsNew ? directory.Parent?.NewOwner : null);

    /// <summary>Restores that of a file which was just made.</summary>
    public void Restore(ExportJob job, FileDescriptor file)
    {
        if (job.Directory.GivesAccessLists)
            AccessLists.Remove(file);
        Restore(job.Directory, job.Name.Span, job.Dirent!.Metadata, file, job.Directory.NewOwner);
    }

    /// <summary>
    /// Restores that of a symbolic link, fifo, socket or device which was just made under a job's present name. Whoever may write to the
    /// directory can put something else under that name: it is opened once, without following it, and all goes to what was opened.
    /// </summary>
    /// <param name="job">The entry.</param>
    /// <param name="folder">Its directory.</param>
    /// <param name="type">What was made, of <see cref="ModeBits.S_IFMT"/>.</param>
    /// <param name="device">Its device number; 0 of what is no device.</param>
    /// <exception cref="PosixException">Something else is there now.</exception>
    public void RestoreSpecial(ExportJob job, FileDescriptor folder, uint type, ulong device)
    {
        using var file = PosixFile.OpenAt(folder, job.PresentName, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
        var status = PosixFile.Fstat(file);
        if (status.Type != type || status.Rdev != device || status.Links > 1)
            throw new PosixException(Errno.ESTALE, "open", PathText.Of(job.PresentName));
        var directory = job.Directory;
        var metadata = job.Dirent!.Metadata;
        var isLink = type == ModeBits.S_IFLNK;
        var owned = Chown(directory, job.Name.Span, metadata, directory.NewOwner, (uid, gid) => Ownership.TryChownPath(file, uid, gid));
        Span<byte> room = stackalloc byte[Xattrs.PathBelowRoom];
        var path = Xattrs.PathBelow(file, [], room);
        if (directory.GivesAccessLists && !isLink)
            AccessLists.Remove(path);
        if (!metadata.Xattrs.IsEmpty)
        {
            foreach (ref readonly var item in metadata.Xattrs.Items)
                Check(Xattrs.TrySet(path, item.Name.Span, item.Value.Span), ExportIssueKind.AttributesLost, "setxattr", directory, job.Name.Span);
        }

        if (!isLink)
        {
            var mode = owned ? metadata.Mode : metadata.Mode & ~Privileges;
            Check(Ownership.TryChmodPath(file, mode), ExportIssueKind.ModeLost, "chmod", directory, job.Name.Span);
        }

        if (metadata.ModificationTime is { } time)
        {
            var error = Times.TrySetPath(file, TimeSetting.Omit, TimeSetting.At(time.Seconds, time.Nanoseconds));
            Check(error, ExportIssueKind.TimesLost, "utimensat", directory, job.Name.Span);
        }
    }

    /// <summary>Restores that of an open file or directory.</summary>
    /// <param name="directory">The directory that it is in.</param>
    /// <param name="entry">Its name there, for what can't be had.</param>
    /// <param name="metadata">What it is to have.</param>
    /// <param name="file">The file.</param>
    /// <param name="present">Whom it belongs to now; null where that isn't known.</param>
    public void Restore(ExportDirectory directory, ReadOnlySpan<byte> entry, Metadata metadata, FileDescriptor file, NewOwner? present)
    {
        var owned = Chown(directory, entry, metadata, present, (uid, gid) => Ownership.TryChown(file, uid, gid));
        if (!metadata.Xattrs.IsEmpty)
        {
            foreach (ref readonly var item in metadata.Xattrs.Items)
                Check(Xattrs.TrySet(file, item.Name.Span, item.Value.Span), ExportIssueKind.AttributesLost, "setxattr", directory, entry);
        }

        var mode = owned ? metadata.Mode : metadata.Mode & ~Privileges;
        Check(Ownership.TryChmod(file, mode), ExportIssueKind.ModeLost, "chmod", directory, entry);
        if (metadata.ModificationTime is { } time)
        {
            var error = Times.TrySet(file, TimeSetting.Omit, TimeSetting.At(time.Seconds, time.Nanoseconds));
            Check(error, ExportIssueKind.TimesLost, "utimensat", directory, entry);
        }
    }

    // Whether owner and group are as they should be.
    bool Chown(
        ExportDirectory directory, ReadOnlySpan<byte> entry, Metadata metadata, NewOwner? present, Func<uint, uint, Errno> chown)
    {
        var wanted = _owners.Of(metadata);
        if (present == wanted)
            return true;
        var error = chown(wanted.Uid, wanted.Gid);
        if (error == Errno.OK)
            return true;

        // The group may be given all the same, by one who is in it.
        if (error is Errno.EPERM or Errno.EINVAL && present?.Gid != wanted.Gid)
            _ = chown(Ownership.Unchanged, wanted.Gid);
        Check(error, ExportIssueKind.OwnerLost, "chown", directory, entry);
        return false;
    }

    void Check(Errno error, ExportIssueKind kind, string call, ExportDirectory directory, ReadOnlySpan<byte> entry)
    {
        if (error != Errno.OK)
            session.Report(kind, directory, entry, new PosixException(error, call));
    }
}
