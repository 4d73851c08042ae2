using Vt.Blocks.BlockTree;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Import;

/// <summary>
/// Goes through the source in the order of names, beside the previous state, and says what has to be done. It opens
/// directories only, each relative to the one above, and follows a symbolic link below the source only where it is told to.
/// </summary>
sealed class TreeWalker(ImportSession session) : IAsyncDisposable
{
    const OpenFlags DirectoryFlags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

    readonly Stack<WalkLevel> _levels = new();
    readonly ImportOptions _options = session.Options;
    readonly HashSet<(ulong Device, ulong Inode)> _skipped = [];
    ImportBatch _batch = new();
    ulong _device;

    /// <summary>Walks a source of any kind.</summary>
    /// <param name="source">Its path. A symbolic link at its end is followed to a directory only.</param>
    /// <param name="previous">What the previous state has; null for nothing.</param>
    /// <param name="cancellationToken">Stops the walk.</param>
    /// <exception cref="PosixException">The source itself can't be read.</exception>
    public async Task RunAsync(ReadOnlyMemory<byte> source, Dirent? previous, CancellationToken cancellationToken)
    {
        foreach (var path in _options.SkippedDirectories)
        {
            if (PosixFile.TryStat(path, out var skipped) == Errno.OK)
                _skipped.Add((skipped.Device, skipped.Inode));
        }

        var error = PosixFile.TryOpen(source.Span, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var descriptor);
        if (error == Errno.OK)
        {
            var status = PosixFile.Fstat(descriptor);
            _device = status.Device;
            await EnterAsync(new SourceDirectory(descriptor, []), default, status, previous, cancellationToken);
            await WalkAsync(cancellationToken);
        }
        else
        {
            descriptor.Dispose();
            if (error != Errno.ENOTDIR)
                throw PosixException.For(error, "open", source.Span);
            await VisitAloneAsync(source, previous, cancellationToken);
        }

        await SendAsync(cancellationToken);
        session.Ordered.Writer.Complete();
        session.Work.Writer.Complete();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_levels.TryPop(out var level))
            await level.DisposeAsync();
        _batch.ReleaseDirectories();
    }

    async ValueTask VisitAloneAsync(ReadOnlyMemory<byte> source, Dirent? previous, CancellationToken cancellationToken)
    {
        var slash = source.Span.LastIndexOf((byte)'/');
        var folder = slash < 0 ? "."u8.ToArray() : source[..(slash + 1)];
        var directory = new SourceDirectory(PosixFile.Open(folder.Span, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY), []);
        var name = source[(slash + 1)..];
        var error = PosixFile.TryStatAt(directory.Descriptor, name.Span, follow: false, out var status);
        if (error != Errno.OK)
            throw PosixException.For(error, "statx", source.Span);
        await VisitFileAsync(directory, name, status, previous, isLinkable: false, cancellationToken);
        directory.Release();
    }

    async ValueTask WalkAsync(CancellationToken cancellationToken)
    {
        while (_levels.TryPeek(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_batch.IsFull)
                await SendAsync(cancellationToken);
            ReadOnlyMemory<byte>? name = level.Next < level.Names.Count ? level.Names.NameAt(level.Next) : default(ReadOnlyMemory<byte>?);
            while (level.TryPeekGone(name, out var gone))
            {
                LeaveOut(level.Directory, gone);
                await level.SkipPreviousAsync();
            }

            if (name is null)
            {
                _batch.Steps.Add(new ImportStep(ImportStepKind.Leave));
                _levels.Pop();
                await level.DisposeAsync();
                continue;
            }

            var previous = await level.TakePreviousAsync(name.Value);
            await VisitAsync(level, name.Value, level.Names.TypeAt(level.Next++), previous, cancellationToken);
        }
    }

    // A name that the source no longer has.
    void LeaveOut(SourceDirectory directory, PreviousEntries gone)
    {
        if (!_options.Delete || (!_options.DeleteExcluded && IsExcluded(directory, gone.Name.Span, gone.Kind == DirentKind.Directory)))
            return;
        Remove(gone.Dirent);
    }

    void Remove(Dirent? previous)
    {
        if (previous is null)
            return;
        session.NeedsAll |= _options.Scope is not null && previous.Kind == DirentKind.Indirect;
        _batch.Steps.Add(new ImportStep(ImportStepKind.Remove, Previous: previous));
    }

    void Report(ImportIssueKind kind, SourceDirectory directory, ReadOnlySpan<byte> name, Errno error = Errno.OK) =>
        _batch.Steps.Add(new ImportStep(ImportStepKind.Issue, Issue: new ImportIssue(kind, directory.PathOf(name), error)));

    void ReportUnreadable(SourceDirectory directory, ReadOnlySpan<byte> name, Errno error, Dirent? previous) =>
        Report(previous is null ? ImportIssueKind.Unreadable : ImportIssueKind.KeptPrevious, directory, name, error);

    // Whether a link leads to a folder that it lies in.
    bool IsEntered(in Statx target)
    {
        if (target.IsDirectory)
        {
            foreach (var level in _levels)
            {
                if (level.Identity == (target.Device, target.Inode))
                    return true;
            }
        }

        return false;
    }

    bool IsExcluded(SourceDirectory directory, ReadOnlySpan<byte> name, bool isDirectory) =>
        _options.Filter is { } filter && filter.Excludes(directory.PathOf(name), isDirectory);

    async ValueTask VisitAsync(
        WalkLevel level, ReadOnlyMemory<byte> name, DirectoryEntryType type, Dirent? previous, CancellationToken cancellationToken)
    {
        var directory = level.Directory;
        var error = PosixFile.TryStatAt(directory.Descriptor, name.Span, follow: false, out var status);
        if (_options.FollowSymlinks && error == Errno.OK && status.IsSymlink
            && PosixFile.TryStatAt(directory.Descriptor, name.Span, follow: true, out var target) == Errno.OK && !IsEntered(target))
        {
            status = target;
        }

        var isDirectory = error == Errno.OK ? status.IsDirectory : type == DirectoryEntryType.DT_DIR;
        if (IsExcluded(directory, name.Span, isDirectory))
        {
            if (_options is { Delete: true, DeleteExcluded: true })
                Remove(previous);
        }
        else if (error == Errno.ENOENT)
        {
            Report(ImportIssueKind.Vanished, directory, name.Span);
            if (_options.Delete)
                Remove(previous);
        }
        else if (error != Errno.OK)
        {
            ReportUnreadable(directory, name.Span, error, previous);
        }
        else if (isDirectory)
        {
            await VisitDirectoryAsync(directory, name, status, previous, cancellationToken);
        }
        else
        {
            await VisitFileAsync(directory, name, status, previous, isLinkable: true, cancellationToken);
        }
    }

    async ValueTask VisitDirectoryAsync(
        SourceDirectory parent, ReadOnlyMemory<byte> name, Statx status, Dirent? previous, CancellationToken cancellationToken)
    {
        if (_skipped.Contains((status.Device, status.Inode)))
        {
            Report(ImportIssueKind.Skipped, parent, name.Span);
            if (_options.Delete)
                Remove(previous);
            return;
        }

        if (previous is { Kind: DirentKind.Directory } && _options.Scope is { } scope && !scope(parent.PathOf(name.Span)))
            return;
        var flags = _options.FollowSymlinks ? DirectoryFlags & ~OpenFlags.O_NOFOLLOW : DirectoryFlags;
        var error = PosixFile.TryOpenAt(parent.Descriptor, name.Span, flags, 0, out var descriptor);
        if (error != Errno.OK)
        {
            descriptor.Dispose();
            ReportUnreadable(parent, name.Span, error, previous);
            return;
        }

        await EnterAsync(new SourceDirectory(descriptor, parent.PathOf(name.Span)), name.ToArray(), status, previous, cancellationToken);
    }

    async ValueTask EnterAsync(
        SourceDirectory directory, ReadOnlyMemory<byte> name, Statx status, Dirent? previous, CancellationToken cancellationToken)
    {
        SortedNames? names = null;
        try
        {
            names = _options.OneFileSystem && status.Device != _device ? new SortedNames() : SortedNames.Read(directory.Descriptor);
        }
        catch (PosixException fault) when (directory.Path.Length > 0)
        {
            ReportUnreadable(directory, default, fault.Error, previous);
        }

        if (names is null)
        {
            directory.Release();
            return;
        }

        session.Counters.CountDirectory();
        var error = InodeFacts.ReadXattrs(directory.Descriptor, out var xattrs);
        xattrs = await MoveOutAsync(xattrs, cancellationToken);
        if (error != Errno.OK)
            Report(ImportIssueKind.AttributesLost, directory, default, error);
        var template = new Dirent
        {
            Kind = DirentKind.Directory,
            Name = name,
            Uuid = previous is { Kind: DirentKind.Directory } ? previous.Uuid : null,
            Metadata = session.Facts.MetadataOf(status, xattrs),
        };
        var readable = previous is { Kind: DirentKind.Directory }
            ? await session.Previous.SalvageAsync(previous.Content, DirectoryOrder.Names, cancellationToken)
            : null;
        if (readable is not null)
        {
            session.Links.HasGaps = true;
            Report(ImportIssueKind.PreviousLost, directory, default);
        }

        _batch.Steps.Add(new ImportStep(ImportStepKind.Enter, template, previous, Readable: readable));
        var known = previous is { Kind: DirentKind.Directory } ? readable ?? previous.Content : default;
        var entries = known.Span > 0 && !(_options.OneFileSystem && status.Device != _device)
            ? new PreviousEntries(session.Reader, known, cancellationToken)
            : null;
        var level = new WalkLevel(directory, names, entries) { Identity = (status.Device, status.Inode) };
        _levels.Push(level);
        await level.StartAsync();
    }

    async ValueTask VisitFileAsync(
        SourceDirectory directory, ReadOnlyMemory<byte> name, Statx status, Dirent? previous, bool isLinkable, CancellationToken cancellationToken)
    {
        session.Counters.CountEntry(status.IsRegular ? status.Size : 0);
        if (InodeFacts.KindOf(status) == DirentKind.None)
        {
            ReportUnreadable(directory, name.Span, Errno.EINVAL, previous);
            return;
        }

        LinkRecord? link = null;
        var before = previous;
        if (isLinkable && status.Links > 1)
        {
            link = session.Links.Find(status.Device, status.Inode);
            if (link is not null)
            {
                link.NamesFound++;
                PutLink(name, link, previous);
                return;
            }

            (link, before) = await session.Links.StartAsync(status, directory.PathOf(name.Span), previous, cancellationToken);
            link.NamesFound++;
        }

        var isSuspect = _options.RereadAll || (_options.InPlace is { } files && status.IsRegular && files.IsSuspect(directory.PathOf(name.Span)));
        if (!isSuspect && before is not null && InodeFacts.IsUnchanged(status, before)
            && await session.Previous.IsWholeAsync(before, cancellationToken))
        {
            session.Counters.CountUnchanged(status.IsRegular ? status.Size : 0);
            if (link is not null)
            {
                link.Inode = before;
                PutLink(name, link, previous);
            }

            return;
        }

        // Other names of the inode may be where this import does not look.
        session.NeedsAll |= _options.Scope is not null && (link is not null || previous is { Kind: DirentKind.Indirect });
        if (status.IsRegular)
        {
            if (!isSuspect && await FindKnownAsync(directory, name, status, before, link, cancellationToken) is { } known)
            {
                session.Counters.CountUnchanged(status.Size);
                Put(name, known, link, previous);
                return;
            }

            var job = new FileJob(directory, name.ToArray(), status) { Link = link, Previous = before };
            _batch.Add(job);
            _batch.Steps.Add(new ImportStep(ImportStepKind.PutFile, Previous: previous, Job: job));
            return;
        }

        await VisitSpecialAsync(directory, name, status, previous, before, link, cancellationToken);
    }

    async ValueTask VisitSpecialAsync(
        SourceDirectory directory,
        ReadOnlyMemory<byte> name,
        Statx status,
        Dirent? previous,
        Dirent? before,
        LinkRecord? link,
        CancellationToken cancellationToken)
    {
        var target = Array.Empty<byte>();
        var error = status.IsSymlink ? PosixFile.TryReadlinkAt(directory.Descriptor, name.Span, out target) : Errno.OK;
        if (error != Errno.OK)
        {
            ReportUnreadable(directory, name.Span, error, previous);
            return;
        }

        error = InodeFacts.ReadXattrs(directory.Descriptor, name.Span, out var xattrs);
        if (error != Errno.OK)
            Report(ImportIssueKind.AttributesLost, directory, name.Span, error);
        var kind = InodeFacts.KindOf(status);
        var dirent = new Dirent
        {
            Kind = kind,
            Name = link is null ? name.ToArray() : default(ReadOnlyMemory<byte>),
            Uuid = link is not null ? link.Uuid : before?.Kind == kind ? before.Uuid : null,
            Metadata = session.Facts.MetadataOf(status, await MoveOutAsync(xattrs, cancellationToken)),
            Content = target.Length <= BlockRef.LongestLiteral ? BlockRef.Literal(target) : default,
        };
        if (target.Length > BlockRef.LongestLiteral)
        {
            var job = new FileJob(directory, name.ToArray(), status) { Link = link, Previous = before, Target = target, Template = dirent };
            _batch.Add(job);
            _batch.Steps.Add(new ImportStep(ImportStepKind.PutFile, Previous: previous, Job: job));
        }
        else
        {
            Put(name, dirent, link, previous);
        }
    }

    // A file whose content is known although the tree hasn't got it under this name: it was renamed, or an import was interrupted.
    async ValueTask<Dirent?> FindKnownAsync(
        SourceDirectory directory, ReadOnlyMemory<byte> name, Statx status, Dirent? before, LinkRecord? link, CancellationToken cancellationToken)
    {
        if (_options.InPlace is not { } files || await files.FindAsync(directory.PathOf(name.Span), status, cancellationToken) is not { } known)
            return null;
        if (InodeFacts.ReadXattrs(directory.Descriptor, name.Span, out var xattrs) != Errno.OK || xattrs.EncodedLength > XattrSet.LargestStored)
            return null;
        var metadata = session.Facts.MetadataOf(status, await MoveOutAsync(xattrs, cancellationToken));
        return new Dirent
        {
            Kind = DirentKind.File,
            Name = link is null ? name.ToArray() : default(ReadOnlyMemory<byte>),
            Uuid = link is not null ? link.Uuid : before is { Kind: DirentKind.File } ? before.Uuid : null,
            Metadata = known.HoleSpan == 0 ? metadata : metadata with { HoleSpan = known.HoleSpan },
            Content = known.Content,
        };
    }

    void Put(ReadOnlyMemory<byte> name, Dirent dirent, LinkRecord? link, Dirent? previous)
    {
        if (link is null)
        {
            _batch.Steps.Add(new ImportStep(ImportStepKind.Put, dirent, previous));
            return;
        }

        link.Inode = dirent;
        PutLink(name, link, previous);
    }

    void PutLink(ReadOnlyMemory<byte> name, LinkRecord link, Dirent? previous)
    {
        var dirent = new Dirent { Kind = DirentKind.Indirect, Name = name.ToArray(), Uuid = link.Uuid };
        _batch.Steps.Add(new ImportStep(ImportStepKind.PutLink, dirent, previous, Link: link));
    }

    ValueTask<XattrSet> MoveOutAsync(XattrSet xattrs, CancellationToken cancellationToken) =>
        Directories.StoredXattrs.MoveOutAsync(xattrs, session.TreeBatch, cancellationToken);

    async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        var batch = _batch;
        if (batch.Steps.Count == 0)
            return;
        if (batch.Jobs.Count == 0)
            batch.Complete();
        _batch = new ImportBatch();
        await session.Ordered.Writer.WriteAsync(batch, cancellationToken);
        if (batch.Jobs.Count > 0)
            await session.Work.Writer.WriteAsync(batch, cancellationToken);
    }
}
