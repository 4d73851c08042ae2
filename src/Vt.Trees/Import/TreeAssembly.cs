using Vt.Blocks.BlockTree;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>Makes directories of what the walker found and the workers stored, in the order of the tree.</summary>
sealed class TreeAssembly(ImportSession session) : IDisposable
{
    readonly Stack<DirectoryFrame> _frames = new();

    /// <summary>The source's dirent, once all is done; null where it can't be read.</summary>
    public Dirent? Root { get; private set; }

    /// <summary>Whether something could not be taken as it is.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Works until the walker has ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var batch in session.Ordered.Reader.ReadAllAsync(cancellationToken))
        {
            await batch.Done.WaitAsync(cancellationToken);
            foreach (var step in batch.Steps)
                await ApplyAsync(step, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_frames.TryPop(out var frame))
            frame.Dispose();
    }

    ValueTask ApplyAsync(in ImportStep step, CancellationToken cancellationToken)
    {
        switch (step.Kind)
        {
            case ImportStepKind.Enter:
                _frames.Push(new DirectoryFrame(session, step.Dirent!, step.Previous, step.Readable));
                return default;
            case ImportStepKind.Leave:
                return LeaveAsync(cancellationToken);
            case ImportStepKind.Put:
                return PutAsync(step.Dirent!, step.Previous, cancellationToken);
            case ImportStepKind.PutFile:
                return PutFileAsync(step.Job!, step.Previous, cancellationToken);
            case ImportStepKind.PutLink:
                return step.Link!.Inode is null
                    ? default
                    : PutAsync(step.Dirent!, step.Previous, cancellationToken);
            case ImportStepKind.Remove:
                return RemoveAsync(step.Previous!, cancellationToken);
            default:
                Report(step.Issue!);
                return default;
        }
    }

    async ValueTask LeaveAsync(CancellationToken cancellationToken)
    {
        using var frame = _frames.Pop();
        await PutAsync(await frame.CompleteAsync(cancellationToken), frame.Previous, cancellationToken);
    }

    async ValueTask PutFileAsync(FileJob job, Dirent? previous, CancellationToken cancellationToken)
    {
        var path = job.Directory.PathOf(job.Name);
        if (job.Result is not { } result)
        {
            await PutUnreadAsync(job, path, previous, cancellationToken);
            return;
        }

        if (job.Changed)
            Report(new ImportIssue(ImportIssueKind.Changed, path));
        if (job.XattrError != Errno.OK)
            Report(new ImportIssue(ImportIssueKind.AttributesLost, path, job.XattrError));
        if (job.Link is { } link)
        {
            link.Inode = result;
            result = new Dirent { Kind = DirentKind.Indirect, Name = job.Name, Uuid = link.Uuid };
        }

        await PutAsync(result, previous, cancellationToken);
    }

    // The previous version stays where there is one: nothing is done about the name.
    async ValueTask PutUnreadAsync(FileJob job, byte[] path, Dirent? previous, CancellationToken cancellationToken)
    {
        if (job.Error == Errno.ENOENT)
        {
            Report(new ImportIssue(ImportIssueKind.Vanished, path));
            if (session.Options.Delete && previous is not null)
                await RemoveAsync(previous, cancellationToken);
            return;
        }

        Report(new ImportIssue(previous is null ? ImportIssueKind.Unreadable : ImportIssueKind.KeptPrevious, path, job.Error));
        if (job.Link is { } link && job.Previous is not null)
            link.Inode = job.Previous;
    }

    async ValueTask PutAsync(Dirent dirent, Dirent? previous, CancellationToken cancellationToken)
    {
        if (dirent.Equals(previous))
        {
            if (_frames.Count == 0)
                Root = dirent;
            return;
        }

        if (previous is not null && !(previous.Kind == DirentKind.Directory && dirent.Kind == DirentKind.Directory))
            await DropLinksAsync(previous, cancellationToken);
        if (dirent is { Kind: DirentKind.Indirect, Uuid: { } uuid })
            session.Links.Count(uuid, 1);
        if (_frames.TryPeek(out var frame))
            await frame.PutAsync(dirent, cancellationToken);
        else
            Root = dirent;
    }

    async ValueTask RemoveAsync(Dirent previous, CancellationToken cancellationToken)
    {
        await DropLinksAsync(previous, cancellationToken);
        if (_frames.TryPeek(out var frame))
            await frame.RemoveAsync(previous.Name, cancellationToken);
    }

    // Every hard link of what goes is a name less for its inode.
    async ValueTask DropLinksAsync(Dirent previous, CancellationToken cancellationToken)
    {
        if (previous is { Kind: DirentKind.Indirect, Uuid: { } uuid })
        {
            session.Links.Count(uuid, -1);
            return;
        }

        if (previous.Kind != DirentKind.Directory || !session.Links.HadLinks)
            return;
        var open = new Stack<BlockRef>();
        open.Push(previous.Content);
        while (open.TryPop(out var directory))
        {
            try
            {
                await DropLinksAsync(directory, open, cancellationToken);
            }
            catch (Exception fault) when (PreviousCheck.IsDamage(fault))
            {
                // Its inodes keep names too many in their counts, which is no fault and hides nothing.
            }
        }
    }

    async ValueTask DropLinksAsync(BlockRef directory, Stack<BlockRef> open, CancellationToken cancellationToken)
    {
        await foreach (var page in session.Reader.ReadPagesAsync(directory, cancellationToken: cancellationToken))
        {
            for (var i = 0; i < page.Count; i++)
            {
                var kind = page.KindAt(i);
                if (kind == DirentKind.Directory)
                    open.Push(page.DirentAt(i).Content);
                else if (kind == DirentKind.Indirect && page.DirentAt(i).Uuid is { } name)
                    session.Links.Count(name, -1);
            }
        }
    }

    void Report(ImportIssue issue)
    {
        IsPartial |= issue.IsFault;
        session.Counters.CountIssue();
        session.Options.OnIssue?.Invoke(issue);
    }
}
