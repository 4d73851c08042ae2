using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;
using Vt.Trees.Shadow;

namespace Vt.Hosts.ShadowHost;

/// <summary>
/// Makes a folder and an archive equal: takes the folder into the store, merges it with the archive's newest state, adds what comes of it to the archive, makes the folder
/// like it, and notes what both agree on.
/// </summary>
/// <remarks>
/// In this order, each durable before the next: the trees' blocks (the store's flush), the archive's line, the folder (its file system's sync), the state (fsync, rename, fsync
/// of its folder). A round that is cut off anywhere leaves the old state, and the next one finds on both sides what it had come to, as the same change made twice.
/// </remarks>
/// <param name="store">The store; not disposed.</param>
/// <param name="files">Where what is known is kept, taken.</param>
/// <param name="options">How.</param>
public sealed class ShadowRound(IBlockStore store, ShadowFiles files, ShadowOptions options)
{
    readonly DirectoryNodeCache _cache = new();
    readonly List<byte[]> _unsettled = [];
    bool _isAnew = options.Anew;

    /// <summary>What changed while the last round read it, and was left for another: paths.</summary>
    public IReadOnlyList<byte[]> Unsettled => _unsettled;

    /// <summary>Does it.</summary>
    /// <param name="counters">Counts what is read.</param>
    /// <param name="scope">Which folders may have changed, and those above them; null for all.</param>
    /// <param name="cancellationToken">Stops it; what was done by then is found by the next one.</param>
    /// <exception cref="UserErrorException">The folder or the archive is not what it was, or there are conflicts and the rule is to stop.</exception>
    public async Task<ShadowReport> RunAsync(ImportCounters counters, Func<byte[], bool>? scope = null, CancellationToken cancellationToken = default)
    {
        var state = _isAnew ? null : files.Read();
        var error = PosixFile.TryOpen(LosslessText.ToBytes(options.Folder), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var folder);
        using (folder)
        {
            if (error != Errno.OK)
                throw new UserErrorException($"{options.Folder}: {PosixException.TextOf(error)}");
            var archive = new ArchiveFile(options.Archive, options.Clock, options.Boundary)
            {
                OnRestored = one => options.OnNotice?.Invoke($"{options.Archive} had lost its state of {one.Date:yyyy-MM-dd HH:mm:ss zzz}; it is in it again"),
            };
            if (state is not null)
                await CheckAsync(state, folder, cancellationToken);
            if (!options.IsDryRun)
                FolderStage.Clear(folder, options.Folder, Label, Keep);
            _unsettled.Clear();
            var now = await Look.TakeAsync(state?.Seen, state is null ? null : scope, counters, cancellationToken);
            var merged = await MergeAsync(state, archive, now, cancellationToken);
            if (options.IsDryRun)
                return ReportOf(merged, new FolderApplyResult(), now.IsPartial);
            var report = await FinishAsync(state, folder, now, merged, cancellationToken);
            _isAnew = false;
            return report;
        }
    }

    string Label => $"{options.Host}-{options.Clock.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";

    ShadowLook Look => new(store, _cache, options, files.Path, _unsettled);

    DirectoryReader NewReader() => new(store, _cache);

    void Keep(string name) => options.OnNotice?.Invoke($"{options.Folder}/{name} was changed when a round was killed: look what it is");

    async ValueTask CheckAsync(ShadowState state, FileDescriptor folder, CancellationToken cancellationToken)
    {
        if (state.Archive != options.Archive)
            throw new UserErrorException($"{options.Folder} is the shadow of {state.Archive}; --anew makes it that of {options.Archive}");
        await new ShadowGuard(options, state).CheckFolderAsync(folder, NewReader(), cancellationToken);
    }

    async ValueTask<Merged> MergeAsync(ShadowState? state, ArchiveFile archive, ImportResult now, CancellationToken cancellationToken)
    {
        if (store is IRefStore refs && !options.IsDryRun)
            await archive.RestoreAsync(refs, cancellationToken);
        while (true)
        {
            if (state is not null)
                new ShadowGuard(options, state).CheckTarget(archive);
            var target = archive.Exists && !archive.IsUnfinished ? archive.ReadLast()?.Root : null;
            if (target is null && options.Direction == ShadowDirection.ToFolder)
                throw new UserErrorException($"there is nothing in {options.Archive} that the folder could become");
            var outcome = target is null ? First(now.Root) : await MergeAsync(state, now.Root, target, keepLosers: options.Direction == ShadowDirection.ToFolder, cancellationToken);
            Decide(outcome);
            if (options.IsDryRun)
                return new Merged(outcome, target ?? outcome.Root, null);
            var (isNewest, added) = await AppendAsync(state, archive, now.Root, target, outcome, cancellationToken);
            if (isNewest)
                return new Merged(outcome, options.Direction == ShadowDirection.ToFolder ? target! : outcome.Root, added);
        }
    }

    static ShadowOutcome First(Dirent root)
    {
        var all = new PathTree();
        all.Mark("");
        return new ShadowOutcome(root, all, new PathTree(), new Dictionary<Guid, List<string>>(), [], false);
    }

    async ValueTask<ShadowOutcome> MergeAsync(ShadowState? state, Dirent now, Dirent target, bool keepLosers, CancellationToken cancellationToken)
    {
        var merge = new ShadowMergeOptions { Rule = options.Rule, Label = Label, KeepLosers = keepLosers };
        return await new ShadowMerger(NewReader(), new ShadowTrees(state?.Seen, now, state?.Base, target), merge).MergeAsync(cancellationToken);
    }

    void Decide(ShadowOutcome outcome)
    {
        if (options.Rule != ConflictRule.Stop || outcome.Conflicts.Count == 0)
            return;
        foreach (var conflict in outcome.Conflicts)
            options.OnNotice?.Invoke($"conflict: {conflict}");
        var what = outcome.Conflicts.Count == 1 ? "there is a conflict" : $"there are {outcome.Conflicts.Count} conflicts";
        throw new UserErrorException($"{what}, and nothing was done: say by --conflict what is to become of them, or make both sides the same");
    }

    async ValueTask<(bool IsNewest, ArchiveState? State)> AppendAsync(
        ShadowState? state, ArchiveFile archive, Dirent now, Dirent? target, ShadowOutcome outcome, CancellationToken cancellationToken)
    {
        if (options.Direction == ShadowDirection.ToFolder || (!outcome.FolderLoses && outcome.Root.Equals(target)))
        {
            await store.FlushAsync(cancellationToken);
            return (true, null);
        }

        using var held = options.Hold();
        if (outcome.FolderLoses)
        {
            // What only the folder has becomes a state before it is overwritten: beside the version that it loses to.
            var both = await MergeAsync(state, now, target!, keepLosers: true, cancellationToken);
            await store.FlushAsync(cancellationToken);
            if (await archive.TryAppendAsync(both.Root, target, store as IRefStore, cancellationToken) is { IsExpected: false })
                return (false, null);
            target = both.Root;
        }

        await store.FlushAsync(cancellationToken);
        return await archive.TryAppendAsync(outcome.Root, target, store as IRefStore, cancellationToken);
    }

    async ValueTask<ShadowReport> FinishAsync(ShadowState? state, FileDescriptor folder, ImportResult now, Merged merged, CancellationToken cancellationToken)
    {
        var outcome = merged.Outcome;
        var touched = outcome.Touched.Paths().ToList();
        var applied = new FolderApplyResult();
        var seen = options.Direction == ShadowDirection.ToFolder ? state?.Seen ?? ShadowTrees.Nothing : now.Root;
        if (options.Direction == ShadowDirection.ToStore)
        {
            applied = applied with { Waiting = [.. touched.Select(static path => (path, "the folder is not changed, by --one-way"))] };
        }
        else if (touched.Count > 0)
        {
            using (var stage = FolderStage.Open(folder, options.Folder, Label, Keep))
            {
                var apply = new FolderApplyOptions { Label = Label, NumericOwner = options.NumericOwner, Boundary = options.Boundary };
                applied = await new FolderApplier(store, _cache, apply).ApplyAsync(folder, stage, now.Root, outcome, cancellationToken);
            }

            seen = await new AppliedTree(NewReader(), outcome.Root, merged.Target).MakeAsync(
                seen, await Look.TakeAgainAsync(now.Root, touched, cancellationToken), applied, options.Direction == ShadowDirection.ToFolder, cancellationToken);
        }

        var waiting = applied.Waiting.Select(static one => one.Path).ToList();
        var basis = await RevertAsync(merged.Target, state?.Base, waiting, (now.Root, outcome.Root), cancellationToken);
        seen = await RevertAsync(seen, state?.Seen, waiting, (now.Root, outcome.Root), cancellationToken);
        await NoteAsync(state, folder, merged, (basis, seen), applied, cancellationToken);
        return ReportOf(merged, applied, now.IsPartial);
    }

    // What waits is as it was: of what both sides have as a folder the entry alone, for what is in it waits by itself.
    async ValueTask<Dirent> RevertAsync(Dirent tree, Dirent? before, List<byte[]> paths, (Dirent Folder, Dirent Wanted) now, CancellationToken cancellationToken)
    {
        var reader = NewReader();
        var overlay = new TreeOverlay(reader, tree, before ?? ShadowTrees.Nothing);
        foreach (var path in paths)
        {
            if (await TreePath.ResolveAsync(reader, now.Folder, path, cancellationToken) is { Kind: DirentKind.Directory }
                && await TreePath.ResolveAsync(reader, now.Wanted, path, cancellationToken) is { Kind: DirentKind.Directory })
                await overlay.TakeFolderAsync(path, cancellationToken);
            else
                await overlay.TakeAsync(path, cancellationToken);
        }

        return await overlay.MakeAsync(cancellationToken);
    }

    async ValueTask NoteAsync(
        ShadowState? state, FileDescriptor folder, Merged merged, (Dirent Base, Dirent Seen) trees, FolderApplyResult applied, CancellationToken cancellationToken)
    {
        var status = PosixFile.Fstat(folder);
        var conflicts = merged.Outcome.Conflicts.Take(1000).Select(static one => one.ToString()).ToList();
        var next = new ShadowState
        {
            Id = state?.Id ?? Guid.NewGuid(),
            Folder = options.Folder,
            Archive = options.Archive,
            Device = status.Device,
            Inode = status.Inode,
            When = options.Clock.GetUtcNow(),
            Agreed = merged.Target,
            Base = trees.Base,
            Seen = trees.Seen,
            Waiting = [.. applied.Waiting.Take(1000).Select(static one => (ShadowFolder.NameOf(one.Path), one.Why))],
            Conflicts = conflicts.Count > 0 ? conflicts : state?.Conflicts ?? [],
        };
        if (state is not null && next.Agreed.Equals(state.Agreed) && next.Base.Equals(state.Base) && next.Seen.Equals(state.Seen) && next.Device == state.Device
            && next.Inode == state.Inode && next.Waiting.SequenceEqual(state.Waiting))
            return;
        await store.FlushAsync(cancellationToken);
        if (store is IRefStore refs)
            await new ShadowRoots(refs, next.Id).KeepAsync(next, cancellationToken);
        files.Write(next);
    }

    ShadowReport ReportOf(Merged merged, FolderApplyResult applied, bool isPartial) => new()
    {
        ToStore = options.Direction == ShadowDirection.ToFolder ? [] : [.. merged.Outcome.ForTarget.Paths()],
        ToFolder = options.Direction == ShadowDirection.ToStore ? [] : [.. merged.Outcome.Touched.Paths()],
        Conflicts = merged.Outcome.Conflicts,
        State = merged.State,
        Waiting = applied.Waiting,
        WaitsByDirection = options.Direction == ShadowDirection.ToStore,
        Lost = applied.Lost,
        IsPartial = isPartial,
    };

    sealed record Merged(ShadowOutcome Outcome, Dirent Target, ArchiveState? State);
}
