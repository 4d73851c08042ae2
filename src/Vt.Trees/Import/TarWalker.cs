using Vt.Blocks.BlockTree;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Import;

/// <summary>Goes through an archive's tree in the order of names, beside the previous state, and says what has to be done, as <see cref="TreeWalker"/> does of a folder.</summary>
/// <param name="session">The import.</param>
sealed class TarWalker(ImportSession session)
{
    const uint NewDirectoryMode = 0x1ed;

    ImportBatch _batch = new();

    /// <summary>Walks the tree.</summary>
    /// <param name="root">Its top.</param>
    /// <param name="previous">What the previous state has; null for nothing.</param>
    /// <param name="cancellationToken">Stops the walk.</param>
    public async Task RunAsync(TarNode root, Dirent? previous, CancellationToken cancellationToken)
    {
        await VisitDirectoryAsync(root, default, [], previous, cancellationToken);
        await SendAsync(cancellationToken);
        session.Ordered.Writer.Complete();
        session.Work.Writer.Complete();
    }

    // As deep as an archive's tree may be.
    async ValueTask VisitDirectoryAsync(TarNode node, ReadOnlyMemory<byte> name, byte[] path, Dirent? previous, CancellationToken cancellationToken)
    {
        var before = previous is { Kind: DirentKind.Directory } ? previous : null;
        var readable = before is null ? null : await session.Previous.SalvageAsync(before.Content, DirectoryOrder.Names, cancellationToken);
        if (readable is not null)
        {
            session.Links.HasGaps = true;
            _batch.Steps.Add(new ImportStep(ImportStepKind.Issue, Issue: new ImportIssue(ImportIssueKind.PreviousLost, path)));
        }

        // Of one that no member was about, what is known of it.
        var template = new Dirent
        {
            Kind = DirentKind.Directory,
            Name = name,
            Uuid = before?.Uuid,
            Metadata = node.Metadata ?? before?.Metadata ?? new Metadata { Mode = NewDirectoryMode },
        };
        _batch.Steps.Add(new ImportStep(ImportStepKind.Enter, template, previous, Readable: readable));
        var known = before is null ? BlockRef.Empty : readable ?? before.Content;
        await using var entries = new PreviousEntries(session.Reader, known, cancellationToken);
        var hasEntry = known.Span > 0 && await entries.MoveNextAsync();
        foreach (var (child, below) in node.Children!)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (; hasEntry && entries.Name.Span.SequenceCompareTo(child) < 0; hasEntry = await entries.MoveNextAsync())
                LeaveOut(entries, path);
            var there = hasEntry && entries.Name.Span.SequenceEqual(child) ? entries.Dirent : null;
            if (there is not null)
                hasEntry = await entries.MoveNextAsync();
            if (_batch.IsFull)
                await SendAsync(cancellationToken);
            if (below.Children is not null)
                await VisitDirectoryAsync(below, child, PathOf(path, child), there, cancellationToken);
            else
                await VisitInodeAsync(below.Inode!, child, PathOf(path, child), there, cancellationToken);
        }

        for (; hasEntry; hasEntry = await entries.MoveNextAsync())
            LeaveOut(entries, path);
        _batch.Steps.Add(new ImportStep(ImportStepKind.Leave));
    }

    // A name that the archive does not have.
    void LeaveOut(PreviousEntries gone, byte[] path)
    {
        var options = session.Options;
        var isProtected = options is { DeleteExcluded: false, Filter: { } filter } && filter.Excludes(PathOf(path, gone.Name.Span), gone.Kind == DirentKind.Directory);
        if (options.Delete && !isProtected)
            _batch.Steps.Add(new ImportStep(ImportStepKind.Remove, Previous: gone.Dirent));
    }

    async ValueTask VisitInodeAsync(TarInode inode, byte[] name, byte[] path, Dirent? previous, CancellationToken cancellationToken)
    {
        var dirent = inode.Dirent;
        if (inode.Names == 1)
        {
            _batch.Steps.Add(new ImportStep(ImportStepKind.Put, dirent with { Name = name, Uuid = previous?.Kind == dirent.Kind ? previous.Uuid : null }, previous));
            return;
        }

        if (inode.Link is null)
        {
            inode.Link = await session.Links.StartAsync(dirent, inode.Names, path, previous, cancellationToken);
            inode.Link.Inode = dirent with { Uuid = inode.Link.Uuid };
        }

        inode.Link.NamesFound++;
        _batch.Steps.Add(new ImportStep(
            ImportStepKind.PutLink, new Dirent { Kind = DirentKind.Indirect, Name = name, Uuid = inode.Link.Uuid }, previous, Link: inode.Link));
    }

    static byte[] PathOf(byte[] directory, ReadOnlySpan<byte> name) => directory.Length == 0 ? name.ToArray() : [.. directory, (byte)'/', .. name];

    async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        var batch = _batch;
        if (batch.Steps.Count == 0)
            return;
        batch.Complete();
        _batch = new ImportBatch();
        await session.Ordered.Writer.WriteAsync(batch, cancellationToken);
    }
}
