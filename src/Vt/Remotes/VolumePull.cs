using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Sync;

namespace Vt.Remotes;

/// <summary>Brings a volume's branches and tags from the remote to here. A branch is only ever moved on, unless that is forced, and never away under what is not committed.</summary>
/// <remarks>
/// In this order: blocks, durable here; the references that say where the remote's branches are, so that nothing that came is without one; the branches here, with their trees.
/// </remarks>
/// <param name="session">The two sides.</param>
sealed class VolumePull(RemoteSession session)
{
    readonly Relations _relations = new(session);

    /// <summary>Pulls.</summary>
    /// <param name="there">The remote's volume.</param>
    /// <param name="name">A branch or tag; null for all.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>The volume here.</returns>
    /// <exception cref="UserErrorException">There is no such branch or tag, or the volume's name stands for another one here.</exception>
    public async Task<Volume> RunAsync(Volume there, string? name, CancellationToken cancellationToken)
    {
        var (here, isNamed) = await FindHereAsync(there, cancellationToken);
        var theirs = await RefName.ReadAllAsync(there, name, cancellationToken);
        if (theirs.Count == 0)
            throw new UserErrorException($"there is no branch or tag '{name}' of {there.Name} in {session.Place.Text}");
        if (!isNamed && !theirs.Keys.Any(static one => !one.IsTag))
            throw new UserErrorException($"{there.Name} is not here yet, and a tag alone can't be: bring a branch with it");
        var missing = await _relations.ReadThereAsync(
            there, [.. theirs.Values.OfType<BlockHash>()], [.. theirs.Keys.Where(static one => !one.IsTag).Select(static one => one.Name)], cancellationToken);
        await new CommitTransfer(session.There, session.Here.Store, session.Transfer).RunAsync(missing, cancellationToken);
        if (!session.Options.IsDryRun)
            await TrackAsync(here, theirs, isWhole: name is null, cancellationToken);
        var ours = await RefName.ReadAllAsync(here, theirs.Keys, cancellationToken);
        foreach (var (one, tip) in theirs)
            session.Report.Add(await TakeAsync(here, one, (ours.ContainsKey(one), ours.GetValueOrDefault(one)), tip, cancellationToken));
        if (!isNamed && !session.Options.IsDryRun)
            await session.Here.Catalog.NameAsync(here, $"pull: from {session.Place.Text}", cancellationToken);
        return here;
    }

    async Task<(Volume Here, bool IsNamed)> FindHereAsync(Volume there, CancellationToken cancellationToken)
    {
        var catalog = session.Here.Catalog;
        if (await catalog.TryFindAsync(there.Id, there.Name, cancellationToken) is { } known)
            return (known, true);
        var name = session.Options.As ?? there.Name;
        if (await catalog.TryFindAsync(name, cancellationToken) is not null)
        {
            throw new UserErrorException(
                $"there is another volume {name} here, which was made by itself and has no history in common with that of {session.Place.Text}: bring it by another name with --as NAME, or rename one of them");
        }

        return (catalog.Open(name, there.Id), false);
    }

    // From here on all that came is reached from something.
    async Task TrackAsync(Volume here, IReadOnlyDictionary<RefName, BlockHash?> theirs, bool isWhole, CancellationToken cancellationToken)
    {
        var (prefix, note) = (session.Place.Label + "/", $"pull: {session.Place.Text}");
        foreach (var (one, tip) in theirs)
        {
            if (!one.IsTag && tip is { } commit)
                await here.TrackAsync(prefix + one.Name, commit, note, cancellationToken);
        }

        var ended = new List<string>();
        await foreach (var tracked in here.ListTrackedAsync(cancellationToken))
        {
            if (isWhole && tracked.StartsWith(prefix, StringComparison.Ordinal) && !theirs.ContainsKey(new RefName(tracked[prefix.Length..], false)))
                ended.Add(tracked);
        }

        foreach (var tracked in ended)
            await here.TrackAsync(tracked, null, $"{note}: it is no more", cancellationToken);
    }

    async Task<SyncLine> TakeAsync(Volume here, RefName one, (bool IsHere, BlockHash? Commit) ours, BlockHash? theirs, CancellationToken cancellationToken)
    {
        var line = new SyncLine(one.In(here), SyncOutcome.UpToDate) { Before = ours.Commit, After = theirs };
        if (ours.IsHere && ours.Commit == theirs)
            return line;
        if (!ours.IsHere)
            return await MakeAsync(here, one, line, cancellationToken);
        if (one.IsTag)
            return await TakeTagAsync(here, one, line, cancellationToken);
        if (theirs is not { } target)
            return line with { After = ours.Commit, Detail = $"{session.Place.Text} has no commit of it yet" };
        try
        {
            return await TakeBranchAsync(here, one.Name, target, line, cancellationToken);
        }
        catch (UserErrorException refused)
        {
            // It has changes that are not committed, or is mounted and in use: the other branches go on.
            return line with { Outcome = SyncOutcome.Refused, Detail = $"{refused.Message}; {session.Place.Label}/{one.Name} is what came" };
        }
    }

    async Task<SyncLine> MakeAsync(Volume here, RefName one, SyncLine line, CancellationToken cancellationToken)
    {
        var note = $"pull: from {session.Place.Text}";
        if (!session.Options.IsDryRun && !await (one.IsTag
            ? here.TryMoveTagAsync(one.Name, null, line.After!.Value, note, cancellationToken)
            : here.TryCreateBranchAsync(one.Name, line.After, note, cancellationToken)))
            return line with { Outcome = SyncOutcome.Refused, Detail = "somebody has just made it here: pull again" };
        return line with { Outcome = SyncOutcome.Made };
    }

    async Task<SyncLine> TakeTagAsync(Volume here, RefName one, SyncLine line, CancellationToken cancellationToken)
    {
        var (ours, theirs) = (line.Before!.Value, line.After!.Value);
        if (!session.Options.IsForced)
            return line with { Outcome = SyncOutcome.Refused, Detail = SyncAdvice.OfTag(ours, theirs, "pull") };
        return session.Options.IsDryRun || await here.TryMoveTagAsync(one.Name, ours, theirs, "pull --force", cancellationToken)
            ? line with { Outcome = SyncOutcome.Forced }
            : line with { Outcome = SyncOutcome.Refused, Detail = "somebody has just moved it here: pull again" };
    }

    async Task<SyncLine> TakeBranchAsync(Volume here, string branch, BlockHash theirs, SyncLine line, CancellationToken cancellationToken)
    {
        var relation = line.Before is { } ours ? await _relations.CompareAsync(ours, theirs, cancellationToken) : default;
        if (line.Before is not null && relation.Behind == 0)
            return line with { After = line.Before, Detail = $"{session.Place.Text} lacks {SyncAdvice.Commits(relation.Ahead)}: vt push brings them there" };
        line = line with { Outcome = relation.IsDiverged ? SyncOutcome.Forced : SyncOutcome.Forwarded, Count = relation.Behind };
        if (relation.IsDiverged && !session.Options.IsForced)
            return line with { Outcome = SyncOutcome.Refused, Detail = SyncAdvice.OfPull(session.Place, here, branch, (line.Before!.Value, theirs), relation) };
        if (relation.IsDiverged)
            line = line with { Detail = $"{line.Before!.Value.ToShortString()} stays in the log, as {line.What}@{{1}}" };
        if (!session.Options.IsDryRun)
            await MoveAsync(here, branch, theirs, line, cancellationToken);
        return line;
    }

    // Where this machine has a tree of it, that goes along, in its mount too.
    async Task MoveAsync(Volume here, string branch, BlockHash theirs, SyncLine line, CancellationToken cancellationToken)
    {
        var note = $"pull{(line.Outcome == SyncOutcome.Forced ? " --force" : "")}: from {session.Place.Text}";
        if (!File.Exists(session.Here.Work.ArchiveOf(here, branch)))
        {
            if (!await here.TryMoveAsync(branch, line.Before, theirs, note, cancellationToken))
                throw new UserErrorException("somebody has just moved it here: pull again");
            return;
        }

        using var tree = await BranchTree.OpenAsync(session.Context, session.Here, here, branch, cancellationToken);
        if (line.Outcome == SyncOutcome.Forwarded)
        {
            await tree.ForwardAsync(theirs, note, cancellationToken, line.Before);
            return;
        }

        if (await here.ReadTipAsync(branch, cancellationToken) != line.Before)
            throw new UserErrorException("somebody has just moved it here: pull again");
        var root = (await here.Commits.ReadAsync(line.Before!.Value, cancellationToken)).Root;
        if (!root.Equals(await tree.ReadRootAsync(cancellationToken)))
            throw new UserErrorException($"{BranchTree.MountNameOf(here, branch)} has changes that are not committed: vt commit keeps them, vt reset --hard HEAD gives them up");
        await tree.ResetAsync(theirs, note, root, cancellationToken);
    }
}
