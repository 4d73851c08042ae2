using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Files;
using Vt.Mounts;
using Vt.Operations;
using Vt.Output;
using Vt.Posix;
using Vt.References;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;
using Vt.Trees.Meta;

namespace Vt.Ftp;

/// <summary>A live mount: everything is done by system calls in it and by its control attributes, at once, as any other program would do it.</summary>
sealed partial class MountTree : FtpTree
{
    const int LongestDirent = 64 << 10;
    const int PieceBytes = 1 << 20;

    readonly CommandContext _context;
    readonly OpenTrees _trees;
    readonly LiveMount _mount;
    readonly byte[] _top;

    MountTree(CommandContext context, OpenTrees trees, LiveMount mount)
    {
        _context = context;
        _trees = trees;
        _mount = mount;
        _top = LosslessText.ToBytes(mount.Entry.MountPoint);
    }

    /// <summary>Starts in a mount.</summary>
    /// <param name="context">The command.</param>
    /// <param name="trees">The store that the settings name, which should be the mount's; disposed with this.</param>
    /// <param name="mount">The mount.</param>
    /// <param name="home">The folder to begin in.</param>
    public static MountTree Open(CommandContext context, OpenTrees trees, LiveMount mount, byte[] home) => new(context, trees, mount) { Home = home };

    /// <inheritdoc/>
    public override string Title => NameText.Of(_top);

    /// <inheritdoc/>
    public override string Greeting => $"works in the mount at {Title}: everything is done there at once";

    /// <inheritdoc/>
    public override OpenTrees Trees => _trees;

    /// <summary>The archive that is mounted.</summary>
    public string Archive => _mount.Archive;

    /// <inheritdoc/>
    public override bool HasChanges => false;

    /// <inheritdoc/>
    public override ValueTask<Dirent?> FindAsync(byte[] path, CancellationToken cancellationToken)
    {
        // Links are not followed on the way either: they may lead out of the mount.
        for (var end = path.AsSpan().IndexOf((byte)'/'); end >= 0; end = path.AsSpan(end + 1).IndexOf((byte)'/') is >= 0 and var next ? end + 1 + next : -1)
        {
            if (Look(path[..end]) is not { Kind: DirentKind.Directory })
                return new(null as Dirent);
        }

        return new(Look(path));
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<Dirent> ListAsync(byte[] path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await FindAsync(path, cancellationToken) is not { Kind: DirentKind.Directory })
            yield break;
        using var folder = PosixFile.Open(PlaceOf(path), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        foreach (var name in Directories.SortedNames(folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Look(folder, name) is { } entry)
                yield return entry;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<byte[]> TargetOfAsync(byte[] path, Dirent link, CancellationToken cancellationToken) => new(PosixFile.Readlink(PlaceOf(path)));

    /// <inheritdoc/>
    public override Task CatAsync(byte[] path, Dirent entry, CancellationToken cancellationToken)
    {
        if (entry.Kind != DirentKind.File)
            throw new UserErrorException($"'{FtpPath.Show(path)}' is a {DirentText.KindOf(entry.Kind)}, which has no content to write");
        using var file = PosixFile.Open(PlaceOf(path), OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW);
        var buffer = new byte[PieceBytes];
        for (var at = 0L; PosixFile.Pread(file, buffer, at) is > 0 and var count; at += count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _context.Output.WriteBytes(buffer.AsSpan(0, count));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task InspectAsync(byte[] path, Dirent entry, CancellationToken cancellationToken)
    {
        var stored = await StoredAsync(path, cancellationToken);
        var report = await EntryReport.LoadAsync(_trees, FtpPath.Show(path), stored, cancellationToken);
        report.Print(_context.Output, _context.Surroundings.Clock.LocalTimeZone);
        await ContentStructure.PrintAsync(_context.Output, _trees.Directories, stored, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<bool> GetAsync(byte[] path, Dirent entry, byte[] local, bool overwrite, CancellationToken cancellationToken) =>
        CopyFilesAsync("get", PlaceOf(path), local, overwrite, cancellationToken);

    /// <inheritdoc/>
    public override Task<bool> PutAsync(byte[] local, byte[] path, CancellationToken cancellationToken) =>
        CopyFilesAsync("put", local, PlaceOf(path), overwrite: true, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask<Dirent> StoredAsync(byte[] path, CancellationToken cancellationToken)
    {
        // Reading the attribute makes a checkpoint, and so the archive's newest state has the entry and its table.
        var value = new byte[LongestDirent];
        var error = Xattrs.TryLGet(PlaceOf(path), LiveFileSystem.DirentAttribute, value, out var length);
        if (error != Errno.OK)
        {
            throw new UserErrorException(error is Errno.EPERM
                ? $"{FtpPath.Show(path)}: only root and whose mount it is may see references of what is in it"
                : $"{FtpPath.Show(path)}: {LiveMountText.Explain(error)}");
        }

        var entry = Dirent.Parse(Encoding.ASCII.GetString(value, 0, length));
        if (path.Length == 0)
            return await ReadRootAsync(cancellationToken);
        return entry.Kind == DirentKind.Directory ? entry with { Inodes = (await ReadRootAsync(cancellationToken)).Inodes } : entry;
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<MergeConflict>> MergeAsync(Dirent before, Dirent theirs, string label, CancellationToken cancellationToken)
    {
        _mount.Sync();
        var ours = await ReadRootAsync(cancellationToken);
        var outcome = await new TreeMerger(_trees.Directories, label).MergeAsync(before, ours, theirs, cancellationToken);
        await Store.FlushAsync(cancellationToken);
        _mount.RefuseWriters(Title);
        _mount.Turn(new ArchiveTurn(_mount.Archive, outcome.Root, ours));
        return outcome.Conflicts;
    }

    /// <inheritdoc/>
    public override Task<IReadOnlyList<MergeConflict>> SyncAsync(CancellationToken cancellationToken)
    {
        _mount.Sync();
        return Task.FromResult<IReadOnlyList<MergeConflict>>([]);
    }

    /// <inheritdoc/>
    public override async ValueTask<string> ReciteAsync(CancellationToken cancellationToken) => (await ReadRootAsync(cancellationToken)).ToString();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _trees.DisposeAsync();

    ValueTask<Dirent> ReadRootAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var archive = new ArchiveFile(_mount.Archive, _context.Surroundings.Clock);
        return new(archive.ReadLast()?.Root ?? throw new UserErrorException($"{_mount.Archive} has no state yet"));
    }

    byte[] PlaceOf(byte[] path) => path.Length == 0 ? _top : [.. _top.AsSpan().TrimEnd((byte)'/'), (byte)'/', .. path];

    async Task<bool> CopyFilesAsync(string verb, byte[] source, byte[] target, bool overwrite, CancellationToken cancellationToken)
    {
        var copier = new FileCopier(_context.Messages.Say, cancellationToken);
        await using (new ProgressDisplay(_context.Surroundings, _context.Messages, _context.IsQuiet, verb, () => new ProgressSnapshot(copier.Bytes, copier.Entries)))
            await Task.Run(() => copier.Copy(source, target, overwrite), cancellationToken);
        return !copier.IsPartial;
    }

    Dirent? Look(byte[] path)
    {
        var (folder, name) = FtpPath.Split(path);
        if (PosixFile.TryOpen(PlaceOf(folder), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var opened) != Errno.OK)
            return null;
        using (opened)
            return Look(opened, path.Length == 0 ? "."u8.ToArray() : name);
    }

    // What a listing shows of an entry. Its content is not known here: a run of zeros stands for its length.
    static Dirent? Look(FileDescriptor folder, byte[] name)
    {
        if (PosixFile.TryStatAt(folder, name, follow: false, out var status) != Errno.OK)
            return null;
        var kind = status.Type switch
        {
            ModeBits.S_IFDIR => DirentKind.Directory,
            ModeBits.S_IFLNK => DirentKind.Symlink,
            ModeBits.S_IFIFO => DirentKind.Fifo,
            ModeBits.S_IFSOCK => DirentKind.Socket,
            ModeBits.S_IFCHR => DirentKind.CharacterDevice,
            ModeBits.S_IFBLK => DirentKind.BlockDevice,
            _ => DirentKind.File,
        };
        var hasContent = kind is DirentKind.File or DirentKind.Symlink && status.Size > 0;
        return new Dirent
        {
            Kind = kind,
            Name = name is [(byte)'.'] ? default : name.AsMemory(),
            Content = hasContent ? BlockRef.Run(0, status.Size) : default,
            Metadata = new Metadata
            {
                Mode = status.Permissions,
                Uid = status.Uid,
                Gid = status.Gid,
                UserName = Ownership.UserName(status.Uid),
                GroupName = Ownership.GroupName(status.Gid),
                ModificationTime = TimeOf(status.ModificationTime),
                ChangeTime = TimeOf(status.ChangeTime),
                LinkCount = status.Links,
                Device = status.Type is ModeBits.S_IFCHR or ModeBits.S_IFBLK ? new DeviceId(status.RdevMajor, status.RdevMinor) : null,
            },
        };
    }

    static Timestamp TimeOf(in StatxTime time) => new(time.Seconds, time.Nanoseconds);
}
