using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Export;

namespace Vt.Trees.Shadow;

/// <summary>
/// Makes a folder that others use as a tree says, at given paths. What is made gets ready in a folder of its own first and comes whole; what it takes the place of, and what
/// goes, is looked at before, and again once it is out of reach: whatever is not what was seen stays, or comes back.
/// </summary>
/// <remarks>
/// Everything is done below open directories, and no symbolic link is followed: a directory that somebody turns into a link meanwhile is left alone. Memory: the paths, and
/// what an <see cref="Exporter"/> needs. One use only.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="cache">Keeps directory nodes.</param>
/// <param name="options">How.</param>
public sealed class FolderApplier(IBlockStore store, DirectoryNodeCache cache, FolderApplyOptions options)
{
    readonly DirectoryReader _reader = new(store, cache);
    readonly List<byte[]> _done = [];
    readonly List<byte[]> _folders = [];
    readonly List<(byte[] Path, string Why)> _waiting = [];
    readonly List<string> _lost = [];
    readonly Dictionary<int, List<ExportIssue>> _issues = [];
    readonly List<FolderWork> _made = [];

    /// <summary>Does it. What was done is durable at the end.</summary>
    /// <param name="folder">The folder, open.</param>
    /// <param name="stage">Where things get ready.</param>
    /// <param name="seen">What the folder had when it was looked at.</param>
    /// <param name="outcome">What it is to have, and where.</param>
    /// <param name="cancellationToken">Stops between two names.</param>
    /// <exception cref="StoreUnavailableException">The store can't answer.</exception>
    public async ValueTask<FolderApplyResult> ApplyAsync(FileDescriptor folder, FolderStage stage, Dirent seen, ShadowOutcome outcome, CancellationToken cancellationToken = default)
    {
        var plan = new FolderWorkPlan(_reader, seen, outcome.Root);
        var top = await plan.MakeAsync(outcome.Touched, outcome.Names, cancellationToken);
        _made.AddRange(plan.Made);
        await PrepareAsync(stage, outcome.Root, cancellationToken);
        using (var session = new ExportSession(store, cache, new ExportOptions { NumericOwner = options.NumericOwner, OnIssue = issue => _lost.Add(issue.ToString()) }))
        {
            var metadata = new FolderMetadata(session);
            var names = new FolderNames(folder, stage, options.Label);
            foreach (var work in _made)
            {
                foreach (var (path, anchor) in work.Inner)
                    names.LinkReady(FolderStage.NameOf(work.Number), path.AsSpan(work.Path.Length + 1), anchor);
            }

            await EnterAsync(top, folder, (names, metadata), new FolderRemoval(_reader, seen, names), cancellationToken);
            session.Complete();
        }

        options.Boundary?.Cross(WriteStep.SyncFolder, "folder", false);

        // Carries all that was placed and removed; what is noted as agreed afterwards rests on it.
        PosixFile.Syncfs(folder);
        options.Boundary?.Cross(WriteStep.SyncFolder, "folder", true);
        return new FolderApplyResult { Done = _done, Folders = _folders, Waiting = _waiting, Lost = _lost };
    }

    // Makes everything that is new, under numbers, on the folder's own file system.
    async ValueTask PrepareAsync(FolderStage stage, Dirent wanted, CancellationToken cancellationToken)
    {
        if (_made.Count == 0)
            return;
        Dirent root;
        using (var batch = new TreeBatch(store))
        {
            var entries = _made.Select(static work => work.Entry! with { Name = Encoding.ASCII.GetBytes(FolderStage.NameOf(work.Number)) });
            var made = await DirectoryBuilder.BuildAsync(batch, entries, cancellationToken: cancellationToken);
            await batch.DrainAsync(cancellationToken);
            root = new Dirent { Kind = DirentKind.Directory, Content = made.Content, Metadata = new() { Mode = 0x1c0, Uid = Ownership.EffectiveUser, Gid = Ownership.EffectiveGroup } };
        }

        options.Boundary?.Cross(WriteStep.Create, "stage", false);
        var export = new ExportOptions { NumericOwner = options.NumericOwner, OnIssue = NoteIssue };
        await new Exporter(store, cache).ExportAsync(root, wanted.Inodes, stage.PathOfReady(), export, cancellationToken);
        options.Boundary?.Cross(WriteStep.Create, "stage", true);
    }

    // From one thread at a time.
    void NoteIssue(ExportIssue issue)
    {
        var slash = issue.Path.Span.IndexOf((byte)'/');
        var text = Encoding.ASCII.GetString(slash < 0 ? issue.Path.Span : issue.Path.Span[..slash]);
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= _made.Count)
            return;
        var path = slash < 0 ? _made[number].Path : [.. _made[number].Path, .. issue.Path.Span[slash..]];
        if (issue.Kind is ExportIssueKind.Damaged or ExportIssueKind.NotMade or ExportIssueKind.Exists)
        {
            if (!_issues.TryGetValue(number, out var issues))
                _issues.Add(number, issues = []);
            issues.Add(issue with { Path = path });
        }
        else
        {
            _lost.Add((issue with { Path = path }).ToString());
        }
    }

    async ValueTask EnterAsync(FolderWork work, FileDescriptor folder, (FolderNames Names, FolderMetadata Metadata) tools, FolderRemoval removal, CancellationToken cancellationToken)
    {
        FolderMetadata.LetFill(folder);
        var before = _waiting.Count;
        foreach (var below in work.Below)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (below.Step == FolderStep.Enter)
                await DescendAsync(below, folder, tools, removal, cancellationToken);
            else
                await DoAsync(below, folder, tools, removal, cancellationToken);
        }

        tools.Metadata.RestoreFolder(work, folder);
        _folders.Add(work.Path);
        if (work.IsMarked && before == _waiting.Count)
            _done.Add(work.Path);
    }

    async ValueTask DescendAsync(FolderWork work, FileDescriptor above, (FolderNames Names, FolderMetadata Metadata) tools, FolderRemoval removal, CancellationToken cancellationToken)
    {
        const OpenFlags Flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
        var error = PosixFile.TryOpenAt(above, work.Name, Flags, 0, out var folder);
        using (folder)
        {
            if (error == Errno.OK && PosixFile.Fstat(folder).Inode == work.Seen!.Metadata.SourceInode)
                await EnterAsync(work, folder, tools, removal, cancellationToken);
            else
                WaitAll(work, error is Errno.OK or Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP ? FolderNames.ChangedMeanwhile : PosixException.TextOf(error));
        }
    }

    async ValueTask DoAsync(FolderWork work, FileDescriptor folder, (FolderNames Names, FolderMetadata Metadata) tools, FolderRemoval removal, CancellationToken cancellationToken)
    {
        var path = PathText.Of(work.Path);
        options.Boundary?.Cross(work.Step == FolderStep.Remove ? WriteStep.Unlink : WriteStep.Rename, path, false);
        var why = work.Step switch
        {
            FolderStep.Remove => await removal.RemoveAsync(folder, work.Name, work.Seen!, cancellationToken),
            FolderStep.Alter => tools.Metadata.Alter(work, folder, tools.Names),
            FolderStep.Link => await LinkAsync(work, folder, tools.Names, removal, cancellationToken),
            FolderStep.Place => await PlaceAsync(work, folder, tools.Names, removal, cancellationToken),
            _ => null,
        };
        options.Boundary?.Cross(work.Step == FolderStep.Remove ? WriteStep.Unlink : WriteStep.Rename, path, true);
        if (why is null)
            _done.Add(work.Path);
        else
            Wait(work.Path, why);
    }

    async ValueTask<string?> PlaceAsync(FolderWork work, FileDescriptor folder, FolderNames names, FolderRemoval removal, CancellationToken cancellationToken)
    {
        var issues = _issues.GetValueOrDefault(work.Number);
        if (issues?.Find(issue => issue.Path.Span.SequenceEqual(work.Path)) is { } issue)
            return issue.Cause.Message;
        if (work.Seen is { Kind: DirentKind.Directory } && await removal.RemoveAsync(folder, work.Name, work.Seen, cancellationToken) is { } left)
            return left;
        var why = names.Place(folder, work, FolderStage.NameOf(work.Number));

        // What is missing in a directory is asked for once more.
        if (why is null)
        {
            foreach (var missing in issues ?? [])
                Wait(missing.Path.ToArray(), missing.Cause.Message);
        }

        return why;
    }

    static async ValueTask<string?> LinkAsync(FolderWork work, FileDescriptor folder, FolderNames names, FolderRemoval removal, CancellationToken cancellationToken)
    {
        if (work.Seen is { Kind: DirentKind.Directory } && await removal.RemoveAsync(folder, work.Name, work.Seen, cancellationToken) is { } left)
            return left;
        return names.Link(folder, work);
    }

    // What is below waits too.
    void WaitAll(FolderWork work, string why)
    {
        Wait(work.Path, why);
        foreach (var below in work.Below)
            WaitAll(below, why);
    }

    void Wait(byte[] path, string why) => _waiting.Add((path, why));
}
