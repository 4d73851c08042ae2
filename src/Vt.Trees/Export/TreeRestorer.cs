using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Export;

/// <summary>Walks a tree in its order, makes its directories, and hands everything else to the workers in batches.</summary>
sealed class TreeRestorer(ExportSession session, BlockRef inodes)
{
    const uint WhileFilled = 0x1c0;

    readonly Dictionary<Guid, (LinkTarget Target, uint Left)> _links = [];
    readonly Stack<(ExportDirectory Directory, IAsyncEnumerator<DirectoryPage> Pages, int Next)> _open = [];
    ExportBatch _batch = new();

    /// <summary>Restores what is in a directory.</summary>
    /// <param name="top">The directory, made and open; the walker's use of it is taken over.</param>
    /// <param name="content">Its entries.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async ValueTask RunAsync(ExportDirectory top, BlockRef content, CancellationToken cancellationToken)
    {
        Enter(top, content, cancellationToken);
        try
        {
            while (_open.TryPop(out var level))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (level.Next == 0 && !await MoveNextAsync(level.Directory, level.Pages))
                {
                    await level.Pages.DisposeAsync();
                    level.Directory.Release();
                    continue;
                }

                await RestorePageAsync(level.Directory, level.Pages, level.Next, cancellationToken);
            }
        }
        finally
        {
            foreach (var level in _open)
                await level.Pages.DisposeAsync();
        }

        await HandOnAsync(cancellationToken);
    }

    /// <summary>Restores one entry that is no directory.</summary>
    public async ValueTask RunSingleAsync(ExportDirectory parent, ReadOnlyMemory<byte> name, Dirent dirent, CancellationToken cancellationToken)
    {
        await RestoreEntryAsync(parent, name, dirent, cancellationToken);
        parent.Release();
        await HandOnAsync(cancellationToken);
    }

    void Enter(ExportDirectory directory, BlockRef content, CancellationToken cancellationToken)
    {
        session.Counters.CountDirectory();
        _open.Push((directory, session.Reader.ReadPagesAsync(content, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken), 0));
    }

    async ValueTask<bool> MoveNextAsync(ExportDirectory directory, IAsyncEnumerator<DirectoryPage> pages)
    {
        try
        {
            return await pages.MoveNextAsync();
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            session.Report(ExportIssueKind.Damaged, directory, [], fault);
            return false;
        }
    }

    // Goes through a page up to its end or to a directory, which comes first then.
    async ValueTask RestorePageAsync(
        ExportDirectory directory, IAsyncEnumerator<DirectoryPage> pages, int first, CancellationToken cancellationToken)
    {
        var page = pages.Current;
        for (var i = first; i < page.Count; i++)
        {
            var name = page.NameAt(i);
            Dirent dirent;
            try
            {
                dirent = page.DirentAt(i);
                if (name.IsEmpty || Dirent.CheckName(name.Span) is not null)
                    throw new FormatInvalidException("an entry's name is none that a file can have");
                dirent = await LoadXattrsAsync(dirent, cancellationToken);
            }
            catch (Exception fault) when (IsDamage(fault))
            {
                session.Report(ExportIssueKind.Damaged, directory, name.Span, fault);
                continue;
            }

            if (dirent.Kind != DirentKind.Directory)
            {
                await RestoreEntryAsync(directory, name, dirent, cancellationToken);
            }
            else if (Make(directory, name, dirent) is { } made)
            {
                _open.Push((directory, pages, i + 1 < page.Count ? i + 1 : 0));
                Enter(made, dirent.Content, cancellationToken);
                return;
            }
        }

        _open.Push((directory, pages, 0));
    }

    async ValueTask RestoreEntryAsync(ExportDirectory directory, ReadOnlyMemory<byte> name, Dirent dirent, CancellationToken cancellationToken)
    {
        if (dirent.Kind == DirentKind.Whiteout)
            return;
        LinkTarget? link = null;
        if (dirent.Kind == DirentKind.Indirect)
        {
            try
            {
                link = await FindLinkAsync(dirent, cancellationToken);
            }
            catch (Exception fault) when (IsDamage(fault))
            {
                session.Report(ExportIssueKind.Damaged, directory, name.Span, fault);
                return;
            }
        }

        directory.Use();
        _batch.Add(new ExportJob(directory, name, link is null ? dirent : null, link));
        if (_batch.IsFull)
            await HandOnAsync(cancellationToken);
    }

    async ValueTask<LinkTarget> FindLinkAsync(Dirent dirent, CancellationToken cancellationToken)
    {
        if (dirent.Uuid is not { } uuid)
            throw new FormatInvalidException("a hard link names no inode");
        if (_links.TryGetValue(uuid, out var known))
        {
            // An inode whose names have all come by is forgotten.
            if (known.Left == 1)
                _links.Remove(uuid);
            else
                _links[uuid] = (known.Target, known.Left - 1);
            return known.Target;
        }

        var inode = await session.Reader.LookupInodeAsync(inodes, uuid, cancellationToken)
            ?? throw new FormatInvalidException($"the inode table has no {uuid}");
        if (inode.Kind is DirentKind.Directory or DirentKind.Indirect or DirentKind.Whiteout)
            throw new FormatInvalidException($"inode {uuid} can't be of kind {inode.Kind}");
        var target = new LinkTarget(await LoadXattrsAsync(inode, cancellationToken));
        if (inode.Metadata.LinkCount != 1)
            _links.Add(uuid, (target, inode.Metadata.LinkCount == 0 ? uint.MaxValue : inode.Metadata.LinkCount - 1));
        return target;
    }

    async ValueTask<Dirent> LoadXattrsAsync(Dirent dirent, CancellationToken cancellationToken)
    {
        var xattrs = dirent.Metadata.Xattrs;
        if (!xattrs.IsStored)
            return dirent;
        xattrs = await StoredXattrs.LoadAsync(xattrs, session.Store, cancellationToken);
        return dirent with { Metadata = dirent.Metadata with { Xattrs = xattrs } };
    }

    // Makes a directory; null where it can't be and was reported.
    ExportDirectory? Make(ExportDirectory parent, ReadOnlyMemory<byte> name, Dirent dirent)
    {
        try
        {
            using var folder = parent.Open();
            return Make(parent, folder.File, name, dirent);
        }
        catch (PosixException fault)
        {
            session.Report(fault.Error == Errno.EEXIST ? ExportIssueKind.Exists : ExportIssueKind.NotMade, parent, name.Span, fault);
            return null;
        }
    }

    ExportDirectory Make(ExportDirectory parent, FileDescriptor folder, ReadOnlyMemory<byte> name, Dirent dirent)
    {
        const OpenFlags Flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
        var error = PosixFile.TryMkdirAt(folder, name.Span, WhileFilled);
        var isNew = error == Errno.OK;
        if (error == Errno.EEXIST && session.Options.Overwrite)
        {
            // A symbolic link to a directory is not a directory: it is replaced, never followed.
            error = PosixFile.TryStatAt(folder, name.Span, follow: false, out var there);
            if (error == Errno.OK && !there.IsDirectory)
            {
                error = PosixFile.TryUnlinkAt(folder, name.Span);
                if (error == Errno.OK)
                    error = PosixFile.TryMkdirAt(folder, name.Span, WhileFilled);
                isNew = error == Errno.OK;
            }
        }

        if (error != Errno.OK)
            throw PosixException.For(error, "mkdir", name.Span);
        var file = PosixFile.OpenAt(folder, name.Span, Flags);
        if (!isNew && session.MayClean)
            TemporaryNames.Clean(file);
        if (!isNew || parent.GivesAccessLists)
            AccessLists.Remove(file);
        if (!isNew)
            MetadataRestorer.LetFill(file);
        var newOwner = isNew ? parent.NewOwner : session.Probe(file);
        var made = new ExportDirectory(session, parent, name, newOwner, dirent) { IsNew = isNew };
        parent.Use();
        session.Directories.Add(made, file).Dispose();
        return made;
    }

    async ValueTask HandOnAsync(CancellationToken cancellationToken)
    {
        if (_batch.Jobs.Count == 0)
            return;
        await session.Work.Writer.WriteAsync(_batch, cancellationToken);
        _batch = new ExportBatch();
    }

    static bool IsDamage(Exception fault) => fault is BlockMissingException or BlockCorruptException or FormatInvalidException;
}
