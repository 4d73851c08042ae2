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
    const uint Privileges = ModeBits.S_ISUID | ModeBits.S_ISGID;

    readonly uint _user = Ownership.EffectiveUser;

    /// <summary>The group that files get where the directory doesn't say.</summary>
    public uint Group { get; } = Ownership.EffectiveGroup;

    /// <summary>Restores a directory's.</summary>
    public void Restore(ExportDirectory directory, Dirent dirent, FileDescriptor file)
    {
        var knownGroup = directory.IsNew && directory.Parent is { } parent ? parent.NewGroup : (uint?)null;
        Restore(directory, [], dirent.Metadata, file, knownGroup);
    }

    /// <summary>Restores that of a file which was just made.</summary>
    public void Restore(ExportJob job, FileDescriptor file) =>
        Restore(job.Directory, job.Name.Span, job.Dirent!.Metadata, file, job.Directory.NewGroup);

    /// <summary>Restores that of a symbolic link, fifo, socket or device which was just made under a job's present name.</summary>
    public void RestoreByName(ExportJob job)
    {
        var directory = job.Directory;
        var metadata = job.Dirent!.Metadata;
        var name = job.PresentName;
        var isLink = job.Dirent.Kind == DirentKind.Symlink;
        var owned = Chown(directory, job.Name.Span, metadata, null, name, directory.NewGroup);
        if (!metadata.Xattrs.IsEmpty)
        {
            Span<byte> room = stackalloc byte[Dirent.LongestName + Xattrs.PathBelowRoom];
            var path = Xattrs.PathBelow(directory.File, name, room);
            foreach (ref readonly var item in metadata.Xattrs.Items)
                Check(Xattrs.TryLSet(path, item.Name.Span, item.Value.Span), ExportIssueKind.AttributesLost, "setxattr", directory, job.Name.Span);
        }

        if (!isLink)
        {
            var mode = owned ? metadata.Mode : metadata.Mode & ~Privileges;
            Check(Ownership.TryChmodAt(directory.File, name, mode), ExportIssueKind.ModeLost, "chmod", directory, job.Name.Span);
        }

        if (metadata.ModificationTime is { } time)
        {
            var error = Times.TrySetAt(directory.File, name, TimeSetting.Omit, TimeSetting.At(time.Seconds, time.Nanoseconds));
            Check(error, ExportIssueKind.TimesLost, "utimensat", directory, job.Name.Span);
        }
    }

    void Restore(ExportDirectory directory, ReadOnlySpan<byte> entry, Metadata metadata, FileDescriptor file, uint? knownGroup)
    {
        var owned = Chown(directory, entry, metadata, file, default, knownGroup);
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

    // Whether owner and group are as they should be; a known group says that the entry is new and this process's own.
    bool Chown(
        ExportDirectory directory, ReadOnlySpan<byte> entry, Metadata metadata, FileDescriptor? file, ReadOnlySpan<byte> name, uint? knownGroup)
    {
        if (knownGroup == metadata.Gid && metadata.Uid == _user)
            return true;
        var error = TryChown(directory, file, name, metadata.Uid, metadata.Gid);
        if (error == Errno.OK)
            return true;
        if (error == Errno.EPERM && knownGroup != metadata.Gid)
            _ = TryChown(directory, file, name, Ownership.Unchanged, metadata.Gid);
        Check(error, ExportIssueKind.OwnerLost, "chown", directory, entry);
        return false;
    }

    static Errno TryChown(ExportDirectory directory, FileDescriptor? file, ReadOnlySpan<byte> name, uint uid, uint gid) =>
        file is not null ? Ownership.TryChown(file, uid, gid) : Ownership.TryChownAt(directory.File, name, uid, gid);

    void Check(Errno error, ExportIssueKind kind, string call, ExportDirectory directory, ReadOnlySpan<byte> entry)
    {
        if (error != Errno.OK)
            session.Report(kind, directory, entry, new PosixException(error, call));
    }
}
