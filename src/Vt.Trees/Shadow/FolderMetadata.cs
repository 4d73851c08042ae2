using Vt.Posix;
using Vt.Trees.Export;
using Vt.Trees.Meta;

namespace Vt.Trees.Shadow;

/// <summary>Changes owner, mode, attributes and time of what a folder has.</summary>
/// <param name="session">Receives what can't be had.</param>
sealed class FolderMetadata(ExportSession session)
{
    readonly ExportDirectory _top = new(session, null, default, null, null);

    /// <summary>Lets a directory be worked in.</summary>
    public static void LetFill(FileDescriptor folder) => MetadataRestorer.LetFill(folder);

    /// <summary>Gives a directory what it is to have once all below it is done.</summary>
    public void RestoreFolder(FolderWork work, FileDescriptor folder)
    {
        if (work.IsMarked)
        {
            Restore(work, folder);
            return;
        }

        // What was done below has moved its time, and filling may have needed other permissions.
        if (PosixFile.Fstat(folder).Permissions is var now && now != work.Seen!.Metadata.Mode && now == (work.Seen.Metadata.Mode | MetadataRestorer.WhileFilled))
            _ = Ownership.TryChmod(folder, work.Seen.Metadata.Mode);
        if (work.Wanted!.Metadata.ModificationTime is { } time)
            _ = Times.TrySet(folder, TimeSetting.Omit, TimeSetting.At(time.Seconds, time.Nanoseconds));
    }

    /// <summary>Changes a file in place, if it is what was seen.</summary>
    /// <returns>Why not; null where it is done.</returns>
    public string? Alter(FolderWork work, FileDescriptor folder, FolderNames names)
    {
        const OpenFlags Flags = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
        var error = PosixFile.TryOpenAt(folder, work.Name, Flags, 0, out var file);
        using (file)
        {
            if (error is Errno.ENOENT or Errno.ELOOP)
                return FolderNames.ChangedMeanwhile;
            if (error != Errno.OK)
                return PosixException.TextOf(error);
            if (!names.IsAsSeen(PosixFile.Fstat(file), work.Seen!))
                return FolderNames.ChangedMeanwhile;
            names.Own(work.Seen!);
            Restore(work, file);
            return null;
        }
    }

    void Restore(FolderWork work, FileDescriptor file)
    {
        // Only those that were seen: what came since is somebody's.
        foreach (var item in work.Seen!.Metadata.Xattrs.Items)
        {
            if (!Has(work.Wanted!.Metadata.Xattrs, item.Name.Span))
                _ = Xattrs.TryRemove(file, item.Name.Span);
        }

        var status = PosixFile.Fstat(file);
        session.Metadata.Restore(_top, work.Path, work.Wanted!.Metadata, file, new NewOwner(status.Uid, status.Gid));
    }

    static bool Has(XattrSet xattrs, ReadOnlySpan<byte> name)
    {
        foreach (ref readonly var item in xattrs.Items)
        {
            if (item.Name.Span.SequenceEqual(name))
                return true;
        }

        return false;
    }
}
