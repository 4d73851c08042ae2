using System.Text;
using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Mounts;
using Vt.Output;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Ftp;

/// <content>Changes in the mount.</content>
sealed partial class MountTree
{
    const OpenFlags ToFolder = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    const uint ForOwner = 0x180;
    const uint FolderForOwner = 0x1c0;

    /// <inheritdoc/>
    public override async Task MakeDirectoriesAsync(IReadOnlyList<byte[]> paths, bool withParents, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            var there = await FindAsync(path, cancellationToken);
            if (there is { Kind: DirentKind.Directory } && withParents)
                continue;
            if (there is null && withParents && FtpPath.Split(path).Folder is { Length: > 0 } folder)
                await MakeDirectoriesAsync([folder], withParents, cancellationToken);
            PosixFile.Mkdir(PlaceOf(path));
        }
    }

    /// <inheritdoc/>
    public override Task RemoveAsync(IReadOnlyList<byte[]> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            var (folder, name) = FtpPath.Split(path);
            using var above = PosixFile.Open(PlaceOf(folder), ToFolder);
            Remove(above, name, cancellationToken);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task MoveAsync(IReadOnlyList<(byte[] From, byte[] To)> moves, CancellationToken cancellationToken)
    {
        foreach (var (from, to) in moves)
            PosixFile.Rename(PlaceOf(from), PlaceOf(to));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task CopyAsync(IReadOnlyList<(byte[] From, byte[] To)> copies, CancellationToken cancellationToken)
    {
        foreach (var (from, to) in copies)
        {
            if (await FindAsync(to, cancellationToken) is { Kind: not DirentKind.Directory })
                await ReplaceAsync(to, temporary => new TreeCloner(cancellationToken).Clone(PlaceOf(from), temporary));
            else
                new TreeCloner(cancellationToken).Clone(PlaceOf(from), PlaceOf(to));
        }
    }

    /// <inheritdoc/>
    public override Task LinkAsync(byte[] path, byte[] added, CancellationToken cancellationToken)
    {
        PosixFile.Link(PlaceOf(path), PlaceOf(added));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task SymlinkAsync(byte[] target, byte[] path, CancellationToken cancellationToken)
    {
        PosixFile.Symlink(target, PlaceOf(path));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task ChangeModeAsync(IReadOnlyList<byte[]> paths, uint mode, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            if (await FindAsync(path, cancellationToken) is { Kind: DirentKind.Symlink })
                throw new UserErrorException($"{FtpPath.Show(path)} is a symbolic link, which has no permissions of its own");
            var (folder, name) = FtpPath.Split(path);
            using var above = PosixFile.Open(PlaceOf(folder), ToFolder);
            Check(path, Ownership.TryChmodAt(above, path.Length == 0 ? "."u8 : name, mode));
        }
    }

    /// <inheritdoc/>
    public override async Task BindAsync(byte[] path, Dirent entry, CancellationToken cancellationToken)
    {
        if (entry.Kind == DirentKind.Directory)
        {
            BindFolder(path, entry);
            return;
        }

        if (entry.Kind == DirentKind.Symlink)
        {
            PosixFile.Symlink(await _trees.TargetOfAsync(entry, cancellationToken), PlaceOf(path));
            return;
        }

        if (entry.Kind != DirentKind.File)
            throw new UserErrorException($"a {DirentText.KindOf(entry.Kind)} can't be bound in a mount; mknod(1) makes one there");
        var xattrs = await Vt.Trees.Directories.StoredXattrs.LoadAsync(entry.Metadata.Xattrs, Store, cancellationToken);
        await ReplaceAsync(path, temporary => BindFile(path, temporary, entry, xattrs));
    }

    void BindFolder(byte[] path, Dirent entry)
    {
        var place = PlaceOf(path);
        PosixFile.Mkdir(place, FolderForOwner);
        var error = Xattrs.TrySet(place, LiveFileSystem.DirentAttribute, Encoding.ASCII.GetBytes((entry with { Name = default, Inodes = default }).ToString()));
        if (error == Errno.OK)
            return;
        PosixFile.Rmdir(place);
        throw new UserErrorException($"{FtpPath.Show(path)}: {Explain(error)}");
    }

    void BindFile(byte[] path, byte[] temporary, Dirent entry, XattrSet xattrs)
    {
        using var file = PosixFile.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, ForOwner);
        Check(path, Xattrs.TrySet(file, LiveFileSystem.BlockAttribute, Encoding.ASCII.GetBytes(entry.Content.ToString())));
        var metadata = entry.Metadata;
        Tolerate(path, "owner", Ownership.TryChown(file, metadata.Uid, metadata.Gid));
        foreach (var xattr in xattrs.Items)
            Tolerate(path, $"attribute {NameText.Of(xattr.Name.Span)}", Xattrs.TrySet(file, xattr.Name.Span, xattr.Value.Span));
        Tolerate(path, "mode", Ownership.TryChmod(file, metadata.Mode));
        if (metadata.ModificationTime is { } time)
            Tolerate(path, "time", Times.TrySet(file, TimeSetting.At(time.Seconds, time.Nanoseconds), TimeSetting.At(time.Seconds, time.Nanoseconds)));
        PosixFile.Fsync(file);
    }

    // What has the name keeps it until what takes its place is whole.
    async Task ReplaceAsync(byte[] path, Action<byte[]> make)
    {
        var (folder, _) = FtpPath.Split(path);
        var temporary = PlaceOf(FtpPath.Below(folder, Encoding.ASCII.GetBytes($".vtftp-{Guid.NewGuid():N}")));
        var isDone = false;
        try
        {
            await Task.Run(() => make(temporary));
            PosixFile.Rename(temporary, PlaceOf(path));
            isDone = true;
        }
        finally
        {
            if (!isDone)
                PosixFile.TryUnlinkAt(FileDescriptor.CurrentDirectory, temporary);
        }
    }

    void Tolerate(byte[] path, string what, Errno error)
    {
        if (error is Errno.EPERM or Errno.EOPNOTSUPP)
            _context.Messages.Say($"{FtpPath.Show(path)}: its {what} can't be given: {PosixException.TextOf(error)}");
        else
            Check(path, error);
    }

    static void Check(byte[] path, Errno error)
    {
        if (error != Errno.OK)
            throw new UserErrorException($"{FtpPath.Show(path)}: {Explain(error)}");
    }

    static string Explain(Errno error) => error switch
    {
        Errno.ENOENT => "the store that is mounted does not have that",
        Errno.EOPNOTSUPP => "a folder with hard links in it can't be bound in a mount as a whole",
        _ => LiveMountText.Explain(error),
    };

    static void Remove(FileDescriptor folder, byte[] name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Check(PosixFile.TryStatAt(folder, name, follow: false, out var status), "stat", name);
        if (!status.IsDirectory)
        {
            Check(PosixFile.TryUnlinkAt(folder, name), "unlink", name);
            return;
        }

        using (var below = PosixFile.OpenAt(folder, name, ToFolder))
        {
            foreach (var child in Posix.Directories.SortedNames(below))
                Remove(below, child, cancellationToken);
        }

        Check(PosixFile.TryRmdirAt(folder, name), "rmdir", name);
    }

    static void Check(Errno error, string call, byte[] name)
    {
        if (error != Errno.OK)
            throw new PosixException(error, call, PathText.Of(name));
    }
}
