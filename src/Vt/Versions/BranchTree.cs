using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Files;
using Vt.Mounts;
using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;
using Vt.Trees.Meta;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;
using Vt.Volumes.Work;

namespace Vt.Versions;

/// <summary>The tree of a branch on this machine, committed or not: an archive, mounted for writing or not. The volume is locked as long as this is not disposed.</summary>
sealed class BranchTree : IDisposable
{
    readonly CommandContext _context;
    readonly WorkFolder _work;
    readonly IBlockStore _store;
    readonly IRefStore _refs;
    readonly IDisposable _locked;

    BranchTree(CommandContext context, OpenVolumes volumes, Volume volume, string branch)
    {
        _context = context;
        _work = volumes.Work;
        _store = volumes.Store;
        _refs = (IRefStore)volumes.Store;
        Volume = volume;
        Branch = branch;
        Archive = new ArchiveFile(_work.ArchiveOf(volume, branch), context.Surroundings.Clock, context.Boundary);
        _locked = _work.Lock(volume);
    }

    /// <summary>The volume.</summary>
    public Volume Volume { get; }

    /// <summary>The branch.</summary>
    public string Branch { get; }

    /// <summary>The archive; there once <see cref="OpenAsync"/> is done.</summary>
    public ArchiveFile Archive { get; }

    /// <summary>The commit that was merged into the tree with conflicts, and that the next commit has as a parent; null where none was.</summary>
    public BlockHash? Merged => _work.ReadOrigin(Volume, Branch)?.Merged;

    /// <summary>What a mount of a branch is called in the table of mounts.</summary>
    public static string MountNameOf(Volume volume, string branch) => $"{volume.Name}@{branch}";

    /// <summary>
    /// Opens a branch's tree; makes it of the branch's newest commit where this machine has none yet, or an older one in which nothing was changed.
    /// </summary>
    public static async Task<BranchTree> OpenAsync(CommandContext context, OpenVolumes volumes, Volume volume, string branch, CancellationToken cancellationToken)
    {
        var tree = new BranchTree(context, volumes, volume, branch);
        var isDone = false;
        try
        {
            await tree.PrepareAsync(cancellationToken);
            isDone = true;
            return tree;
        }
        finally
        {
            if (!isDone)
                tree.Dispose();
        }
    }

    /// <summary>Whether a mounted tree becomes another also where somebody has a file of it open for writing.</summary>
    public bool IsForced { get; set; }

    /// <summary>What is run around the moment of a commit; null for nothing.</summary>
    public QuiesceHooks? Hooks { get; set; }

    /// <summary>The tree as it is now. Of one that is mounted a state is made first.</summary>
    /// <exception cref="UserErrorException">It is mounted where this command can't see it, or changes of a mount that died wait.</exception>
    public async ValueTask<Dirent> ReadRootAsync(CancellationToken cancellationToken)
    {
        using (var hold = ArchiveHold.TryTake(Archive.Path, LockKind.Shared, out var holder))
        {
            if (hold is null)
                FindMount(holder.Process).Sync();
            else
                RefuseWaitingChanges();
        }

        await Archive.RestoreAsync(_refs, cancellationToken);
        await CheckStoreAsync(cancellationToken);
        return ReadLast();
    }

    /// <summary>
    /// Makes sure that the tree is in this store. A volume is the same one in every store that it was brought to, and so is this machine's tree of it: a commit where the tree
    /// is not would lead nowhere.
    /// </summary>
    /// <exception cref="UserErrorException">It is not.</exception>
    public async ValueTask CheckStoreAsync(CancellationToken cancellationToken)
    {
        var target = _work.ReadOrigin(Volume, Branch)?.Target;
        var asked = new List<BlockHash>();
        if (Archive.ReadLast()?.Root.Content is { Span: > 0, HasHash: true } content)
            asked.Add(content.Hash);
        if (target is { } noted)
            asked.Add(noted);
        var isHere = new bool[asked.Count];
        try
        {
            await _store.ContainsManyAsync(asked.ToArray(), isHere, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // Nobody can say now. What was stored through a chain that is offline is in what of it is near.
            return;
        }

        if (Array.IndexOf(isHere, false) is var lacking and >= 0)
        {
            var what = asked[lacking] == target ? $", which is about to become {target.Value.ToShortString()}," : "";
            throw new UserErrorException(
                $"this machine's tree of {MountNameOf(Volume, Branch)}{what} is not in {_store.Description}: work with the store that it is in, and bring commits here with vt push; vt reset --hard gives it up");
        }
    }

    /// <summary>
    /// The commit that the tree comes from: what differs from it was changed on this machine. Null where the branch had no commit then, or nobody knows. Others may have
    /// moved the branch since.
    /// </summary>
    public BlockHash? Base => _work.ReadOrigin(Volume, Branch)?.Base;

    /// <summary>Makes a commit of the tree as it is now.</summary>
    /// <param name="make">Makes it, of the root and the branch's newest commit, which is null where there is none; null for none after all.</param>
    /// <param name="cancellationToken">Gives up before the branch is moved.</param>
    /// <returns>The commit's name; null where none was made.</returns>
    /// <exception cref="UserErrorException">The branch was moved elsewhere, to something that this tree does not come from; or a hook failed.</exception>
    public async ValueTask<BlockHash?> CommitAsync(Func<Dirent, BlockHash?, CancellationToken, ValueTask<Commit?>> make, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { [OpenVolumes.Variable] = Volume.Name, ["VT_BRANCH"] = Branch };
        var root = Hooks is null ? await ReadRootAsync(cancellationToken) : await Hooks.RunAsync(variables, ReadRootAsync, cancellationToken);
        var made = await Volume.CommitAsync(Branch, MakeAsync, cancellationToken);
        if (made is { } id)
            _work.WriteOrigin(Volume, Branch, new TreeOrigin(id));
        return made;

        async ValueTask<Commit?> MakeAsync(BlockHash? tip, CancellationToken token)
        {
            CheckBase(tip);
            return await make(root, tip, token);
        }
    }

    /// <summary>Merges a change into the tree, and commits it if there was no conflict; otherwise what came of it is there to be put right and committed.</summary>
    /// <param name="change">The tree before the change, and after it.</param>
    /// <param name="merged">The commit that becomes a second parent; null of a change that is only taken over.</param>
    /// <param name="make">Makes the commit, of the merged root and its parents.</param>
    /// <param name="note">Why, for the branch's log.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <returns>The commit's name, null where there were conflicts or nothing changed; and the conflicts.</returns>
    /// <exception cref="UserErrorException">It has changes that are not committed, or was moved elsewhere meanwhile, or is mounted and in use.</exception>
    public async ValueTask<(BlockHash? Commit, IReadOnlyList<MergeConflict> Conflicts)> MergeAsync(
        (Dirent Before, Dirent After) change, BlockHash? merged, Func<Dirent, IReadOnlyList<BlockHash>, Commit> make, string note, CancellationToken cancellationToken)
    {
        using var place = TakePlace();
        var (tip, ours) = await ReadCleanAsync(place, cancellationToken);
        var label = (merged ?? _store.Hasher.Hash(change.After.Encode())).ToShortString()[..8];
        var outcome = await new TreeMerger(new DirectoryReader(_store, new DirectoryNodeCache()), label).MergeAsync(change.Before, ours, change.After, cancellationToken);
        await _store.FlushAsync(cancellationToken);
        if (outcome.Conflicts.Count > 0)
        {
            // The tree first: without the note a commit of it lacks a parent, and with the note alone one would say that it has what it hasn't.
            await place.ReplaceAsync(outcome.Root, ours);
            _work.WriteOrigin(Volume, Branch, new TreeOrigin(tip, null, merged));
            return (null, outcome.Conflicts);
        }

        if (merged is null && outcome.Root.Equals(ours))
            return (null, []);
        var id = await Volume.Commits.AddAsync(make(outcome.Root, merged is { } second ? [tip, second] : [tip]), cancellationToken);
        await MoveAsync(place, tip, id, (ours, outcome.Root), note);
        return (id, []);
    }

    /// <summary>Merges a change into the tree, and commits nothing: what comes of it waits there, as if it had been done by hand.</summary>
    /// <param name="change">The tree before the change, and after it.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <returns>What could not be merged.</returns>
    /// <exception cref="UserErrorException">It has changes that are not committed, or is mounted and in use.</exception>
    public async ValueTask<IReadOnlyList<MergeConflict>> ApplyAsync((Dirent Before, Dirent After) change, CancellationToken cancellationToken)
    {
        using var place = TakePlace();
        var (_, ours) = await ReadCleanAsync(place, cancellationToken);
        var label = _store.Hasher.Hash(change.After.Encode()).ToShortString()[..8];
        var outcome = ours.Equals(change.Before)
            ? new MergeOutcome(change.After, [])
            : await new TreeMerger(new DirectoryReader(_store, new DirectoryNodeCache()), label).MergeAsync(change.Before, ours, change.After, cancellationToken);
        await _store.FlushAsync(cancellationToken);
        await place.ReplaceAsync(outcome.Root, ours);
        return outcome.Conflicts;
    }

    /// <summary>Moves the branch and its tree on to a commit that comes from its newest one.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="expected">What the newest one must be; null for whatever it is.</param>
    /// <param name="note">Why, for the branch's log.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="UserErrorException">It has changes that are not committed, or was moved elsewhere meanwhile, or is mounted and in use.</exception>
    public async ValueTask ForwardAsync(BlockHash commit, BlockHash? expected, string note, CancellationToken cancellationToken)
    {
        using var place = TakePlace();
        var (tip, ours) = await ReadCleanAsync(place, cancellationToken);
        if (expected is not null && tip != expected)
            throw new UserErrorException($"{MountNameOf(Volume, Branch)} was moved meanwhile: try again");
        await MoveAsync(place, tip, commit, (ours, (await Volume.Commits.ReadAsync(commit, cancellationToken)).Root), note);
    }

    /// <summary>Gives the tree a commit's, and moves the branch there. What was not committed is still a state of the archive.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="note">Why, for the branch's log.</param>
    /// <param name="expected">What the tree must be, so that nothing is given up that nobody has seen; null for whatever it is.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="UserErrorException">It is mounted and in use, or has become another.</exception>
    public async ValueTask ResetAsync(BlockHash commit, string note, Dirent? expected, CancellationToken cancellationToken)
    {
        using var place = TakePlace();
        var root = (await Volume.Commits.ReadAsync(commit, cancellationToken)).Root;
        var known = _work.ReadOrigin(Volume, Branch);
        _work.WriteOrigin(Volume, Branch, Towards(await Volume.ReadTipAsync(Branch, cancellationToken), commit));
        await TurnAsync(place, root, expected, known);
        await FinishAsync(commit, note);
    }

    /// <summary>Gives the tree the branch's newest commit's, and leaves the branch where it is.</summary>
    /// <param name="tip">The newest commit. Where somebody elsewhere moves the branch on meanwhile, the tree follows later, since it has no changes.</param>
    /// <param name="expected">What the tree must be, so that nothing is given up that nobody has seen.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="UserErrorException">It is mounted and in use, or has become another.</exception>
    public async ValueTask TakeBackAsync(BlockHash tip, Dirent expected, CancellationToken cancellationToken)
    {
        using var place = TakePlace();
        await place.ReplaceAsync((await Volume.Commits.ReadAsync(tip, cancellationToken)).Root, expected);
        _work.WriteOrigin(Volume, Branch, new TreeOrigin(tip));
    }

    /// <summary>Notes that a commit was merged into the tree, which got what came of it: the next commit has it as a parent.</summary>
    public void NoteMerged(BlockHash commit)
    {
        if (_work.ReadOrigin(Volume, Branch) is { } origin)
            _work.WriteOrigin(Volume, Branch, origin with { Merged = commit });
    }

    /// <inheritdoc/>
    public void Dispose() => _locked.Dispose();

    // Who can change the tree: this command alone, or the server that it is mounted by.
    TreePlace TakePlace()
    {
        if (ArchiveHold.TryTake(Archive.Path, LockKind.Exclusive, out var holder) is not { } hold)
        {
            var mount = FindMount(holder.Process);
            if (!IsForced)
                mount.RefuseWriters(MountNameOf(Volume, Branch));
            return new TreePlace(Archive, _refs, null, mount);
        }

        if (!LiveArchive.HasWaitingChanges(Archive.Path))
            return new TreePlace(Archive, _refs, hold, null);
        hold.Dispose();
        throw WaitingChanges();
    }

    LiveMount FindMount(int holder) => LiveMount.Find(Archive.Path)
        ?? throw new UserErrorException($"{MountNameOf(Volume, Branch)} is mounted for writing by process {holder}, and not where this command can see it: do it there, or unmount it");

    Dirent ReadLast() => Archive.ReadLast()?.Root ?? throw new FormatInvalidException("the archive has no state").In(Archive.Path);

    async ValueTask<(BlockHash Tip, Dirent Root)> ReadCleanAsync(TreePlace place, CancellationToken cancellationToken)
    {
        if (await Volume.ReadTipAsync(Branch, cancellationToken) is not { } tip)
            throw new UserErrorException($"{MountNameOf(Volume, Branch)} has no commit yet");
        place.Sync();
        await Archive.RestoreAsync(_refs, cancellationToken);
        var root = ReadLast();
        return root.Equals((await Volume.Commits.ReadAsync(tip, cancellationToken)).Root) && Merged is null
            ? (tip, root)
            : throw new UserErrorException($"{MountNameOf(Volume, Branch)} has changes that are not committed: vt commit keeps them, vt reset --hard HEAD gives them up");
    }

    // The tree first, as one step: from then on it is certain that the branch follows, whoever dies.
    async ValueTask MoveAsync(TreePlace place, BlockHash tip, BlockHash commit, (Dirent Before, Dirent After) roots, string note)
    {
        _work.WriteOrigin(Volume, Branch, Towards(tip, commit));
        await TurnAsync(place, roots.After, roots.Before, new TreeOrigin(tip));
        if (!await Volume.TryMoveAsync(Branch, tip, commit, note))
        {
            await TurnAsync(place, roots.Before, roots.After, new TreeOrigin(tip));
            _work.WriteOrigin(Volume, Branch, new TreeOrigin(tip));
            throw new UserErrorException($"{MountNameOf(Volume, Branch)} was moved elsewhere meanwhile: try again");
        }

        _work.WriteOrigin(Volume, Branch, new TreeOrigin(commit));
    }

    // Where it is refused nothing was changed, and the note goes that says that something was about to be.
    async ValueTask TurnAsync(TreePlace place, Dirent root, Dirent? expected, TreeOrigin? known)
    {
        try
        {
            await place.ReplaceAsync(root, expected);
        }
        catch (UserErrorException)
        {
            if (known is { } origin)
                _work.WriteOrigin(Volume, Branch, origin);
            throw;
        }
    }

    // The branch follows its tree, which has got there.
    async ValueTask FinishAsync(BlockHash commit, string note)
    {
        while (await Volume.ReadTipAsync(Branch) is var tip && tip != commit && !await Volume.TryMoveAsync(Branch, tip, commit, note))
        {
            // Somebody elsewhere has moved it meanwhile.
        }

        _work.WriteOrigin(Volume, Branch, new TreeOrigin(commit));
    }

    // Who died with a target before the tree was that has done nothing yet; once it was, all is done but to say so.
    async ValueTask FinishOrForgetAsync(TreeOrigin origin, BlockHash target, CancellationToken cancellationToken)
    {
        // Noted with another store: it is done, or given up, with that one.
        if (await TryReadRootAsync(target, cancellationToken) is not { } root)
            return;
        if (Archive.ReadLast()?.Root.Equals(root) == true || Archive.ReadBackwards().TakeWhile(state => state.When >= origin.Begun).Any(state => state.Root.Equals(root)))
            await FinishAsync(target, "reset: finished");
        else
            _work.WriteOrigin(Volume, Branch, origin with { Target = null });
    }

    // A server may be about to do what somebody who died has asked for, and then answers nobody; one that died with it may have left it to the next mount.
    bool IsDecided()
    {
        if (!Archive.Exists)
            return true;
        using var hold = ArchiveHold.TryTake(Archive.Path, LockKind.Shared, out _);
        if (hold is not null)
            return !LiveArchive.HasWaitingChanges(Archive.Path);
        if (LiveMount.Find(Archive.Path) is not { } mount)
            return false;
        mount.Sync();
        return true;
    }

    TreeOrigin Towards(BlockHash? tip, BlockHash target) => new(tip, target, null, Timestamp.From(_context.Surroundings.Clock.GetUtcNow()));

    async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        if (_work.ReadOrigin(Volume, Branch) is { Target: { } target } origin && IsDecided())
            await FinishOrForgetAsync(origin, target, cancellationToken);
        var tip = await Volume.ReadTipAsync(Branch, cancellationToken);
        if (!Archive.Exists || Archive.IsUnfinished)
        {
            _work.WriteOrigin(Volume, Branch, new TreeOrigin(tip));
            await Archive.AppendAsync(await RootOfAsync(tip, cancellationToken), _refs, cancellationToken);
            return;
        }

        if (tip is not { } newest || Base == newest)
            return;
        if (await WasMadeHereAsync(newest, cancellationToken))
        {
            _work.WriteOrigin(Volume, Branch, new TreeOrigin(newest));
            return;
        }

        if (_work.ReadOrigin(Volume, Branch) is not { } known)
            return;
        using var hold = ArchiveHold.TryTake(Archive.Path, LockKind.Exclusive, out _);
        if (hold is null || LiveArchive.HasWaitingChanges(Archive.Path) || (known.Base is { } from && await TryReadRootAsync(from, cancellationToken) is null)
            || Archive.ReadLast()?.Root.Equals(await RootOfAsync(known.Base, cancellationToken)) != true)
            return;
        await Archive.AppendAsync(await RootOfAsync(newest, cancellationToken), _refs, CancellationToken.None);
        _work.WriteOrigin(Volume, Branch, new TreeOrigin(newest));
    }

    // Who made a commit of this tree and died before that was noted; another's commit is never taken for it, since what it took back would come again with the next.
    async ValueTask<bool> WasMadeHereAsync(BlockHash tip, CancellationToken cancellationToken)
    {
        var commit = await Volume.Commits.ReadAsync(tip, cancellationToken);
        if (_work.ReadOrigin(Volume, Branch) is { } known)
        {
            // A commit follows what the tree came from, and a branch gets to a new one once: to an older one it was moved back.
            if (known.Target is not null || (commit.Parents.Count > 0 ? commit.Parents[0] : null) != known.Base)
                return false;
            if (await Volume.ReadMovementsAsync(Branch, cancellationToken).CountAsync(movement => movement.Commit == tip, cancellationToken) != 1)
                return false;
        }

        return Archive.ReadBackwards().Any(state => state.Root.Equals(commit.Root));
    }

    // Null of a commit that this store has not got.
    async ValueTask<Dirent?> TryReadRootAsync(BlockHash commit, CancellationToken cancellationToken)
    {
        try
        {
            return (await Volume.Commits.ReadAsync(commit, cancellationToken)).Root;
        }
        catch (BlockMissingException missing) when (missing.Hash == commit)
        {
            return null;
        }
    }

    async ValueTask<Dirent> RootOfAsync(BlockHash? commit, CancellationToken cancellationToken) => commit is { } id
        ? (await Volume.Commits.ReadAsync(id, cancellationToken)).Root
        : LiveArchive.NewRoot(_context.Surroundings.Clock, (Ownership.EffectiveUser, Ownership.EffectiveGroup));

    // A commit of a tree that comes from an older commit would take back what others have committed since.
    void CheckBase(BlockHash? tip)
    {
        if (tip is { } newest && Base != newest)
        {
            throw new UserErrorException(
                $"{MountNameOf(Volume, Branch)} was moved to {newest.ToShortString()} elsewhere, and this machine's tree comes from before: vt stash push and vt stash pop bring what is not committed here into that one; vt reset --hard gives it up");
        }
    }

    void RefuseWaitingChanges()
    {
        if (LiveArchive.HasWaitingChanges(Archive.Path))
            throw WaitingChanges();
    }

    UserErrorException WaitingChanges() =>
        new($"changes of a mount of {MountNameOf(Volume, Branch)} that was killed wait: mount it once, so that they get into its tree");
}
