using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Volumes.Branches;
using Vt.Volumes.Sync;

namespace Vt.Remotes;

/// <summary>Brings a volume's branches and tags from here to the remote. A branch is only ever moved on, unless that is forced.</summary>
/// <remarks>
/// In this order: blocks, durable there; the branches, each by compare-and-swap; the volume's name, if it is new there. So whoever breaks in leaves blocks that nothing leads
/// to, at worst, and the next push goes on from there.
/// </remarks>
/// <param name="session">The two sides.</param>
sealed class VolumePush(RemoteSession session)
{
    readonly Relations _relations = new(session);
    readonly VolumeCheck _check = new(session);

    /// <summary>Pushes.</summary>
    /// <param name="here">The volume.</param>
    /// <param name="name">A branch or tag; null for all.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="UserErrorException">There is no such branch or tag, or the volume's name stands for another one there.</exception>
    public async Task RunAsync(Volume here, string? name, CancellationToken cancellationToken)
    {
        var (there, isNamed) = await FindThereAsync(here, cancellationToken);
        var ours = await RefName.ReadAllAsync(here, name, cancellationToken);
        if (ours.Count == 0)
            throw new UserErrorException($"there is no branch or tag '{name}' in {here.Name}");
        var left = ours.Keys.ToList();
        while (left.Count > 0)
            left = await PushAsync(here, there, left, cancellationToken);
        if (!isNamed && !session.Options.IsDryRun)
            await session.Catalog.NameAsync(there, $"push: from {Environment.MachineName}", cancellationToken);
        await _check.RunAsync(there, cancellationToken);
    }

    async Task<(Volume There, bool IsNamed)> FindThereAsync(Volume here, CancellationToken cancellationToken)
    {
        if (await session.Catalog.TryFindAsync(here.Id, here.Name, cancellationToken) is { } known)
            return (known, true);
        var name = session.Options.As ?? here.Name;
        if (await session.Catalog.TryFindAsync(name, cancellationToken) is not null)
        {
            throw new UserErrorException(
                $"{session.Place.Text} has another volume {name}, which was made by itself and has no history in common with this one: push it as another one with --as NAME, or rename one of them");
        }

        return (session.Catalog.Open(name, here.Id), false);
    }

    /// <summary>Pushes once.</summary>
    /// <returns>What was moved by somebody else meanwhile, and has to be looked at again.</returns>
    async Task<List<RefName>> PushAsync(Volume here, Volume there, List<RefName> names, CancellationToken cancellationToken)
    {
        var ours = await RefName.ReadAllAsync(here, names, cancellationToken);
        var theirs = await RefName.ReadAllAsync(there, names, cancellationToken);
        await _relations.ReadThereAsync(
            there, [.. theirs.Values.OfType<BlockHash>()], [.. theirs.Keys.Where(static one => !one.IsTag).Select(static one => one.Name)], cancellationToken);
        var moves = new List<(RefName Ref, SyncLine Line)>();
        foreach (var (one, tip) in ours)
        {
            var isThere = theirs.TryGetValue(one, out var their);
            var line = await DecideAsync(here, there, one, (tip, isThere, their), cancellationToken);
            if (line.Outcome is SyncOutcome.Made or SyncOutcome.Forwarded or SyncOutcome.Forced)
                moves.Add((one, line));
            else
                session.Report.Add(line);
        }

        var tips = moves.Select(static move => move.Line.After).OfType<BlockHash>().Distinct().ToList();
        var missing = await new MissingHistory(session.Here.Store, session.There, isSourceNear: true).FindAsync(tips, cancellationToken: cancellationToken);
        await new CommitTransfer(session.Here.Store, session.There, session.Transfer).RunAsync(missing.Select(static commit => commit.Id), cancellationToken);
        var again = new List<RefName>();
        foreach (var (one, line) in moves)
        {
            if (!await MoveAsync(here, there, one, line, cancellationToken))
                again.Add(one);
        }

        return again;
    }

    async ValueTask<SyncLine> DecideAsync(Volume here, Volume there, RefName one, (BlockHash? Ours, bool IsThere, BlockHash? Theirs) at, CancellationToken cancellationToken)
    {
        var line = new SyncLine(one.In(there), SyncOutcome.UpToDate) { Before = at.Theirs, After = at.Ours };
        if (!at.IsThere)
            return line with { Outcome = SyncOutcome.Made };
        if (at.Ours == at.Theirs)
            return line;
        if (at.Theirs is not { } theirs)
            return line with { Outcome = SyncOutcome.Forwarded };
        if (at.Ours is not { } ours)
            return line with { Outcome = SyncOutcome.Behind, After = theirs, Detail = "it has no commit here: vt pull brings what is there" };
        var relation = await _relations.CompareAsync(ours, theirs, cancellationToken);
        if (one.IsTag)
            return session.Options.IsForced ? line with { Outcome = SyncOutcome.Forced } : line with { Outcome = SyncOutcome.Refused, Detail = SyncAdvice.OfTag(ours, theirs, "push") };
        if (relation.Behind == 0)
            return line with { Outcome = SyncOutcome.Forwarded, Count = relation.Ahead };
        if (session.Options.IsForced)
            return line with { Outcome = SyncOutcome.Forced, Count = relation.Ahead, Detail = SyncAdvice.OfForcedPush(theirs, one.In(there)) };
        return relation.IsDiverged
            ? line with { Outcome = SyncOutcome.Refused, Detail = SyncAdvice.OfPush(session.Place, here, one.Name, (ours, theirs), relation) }
            : line with { Outcome = SyncOutcome.Behind, After = theirs, Count = relation.Behind, Detail = $"{session.Place.Text} has {SyncAdvice.Commits(relation.Behind)} more: vt pull brings them" };
    }

    async ValueTask<bool> MoveAsync(Volume here, Volume there, RefName one, SyncLine line, CancellationToken cancellationToken)
    {
        if (!session.Options.IsDryRun)
        {
            if (!await TryMoveAsync(there, one, line, cancellationToken))
                return false;
            if (!one.IsTag && line.After is { } tip)
                await here.TrackAsync($"{session.Place.Label}/{one.Name}", tip, $"push: {session.Place.Text}", cancellationToken);
            if (line.After is { } after)
                _check.Expect(one, after);
        }

        session.Report.Add(line);
        return true;
    }

    static ValueTask<bool> TryMoveAsync(Volume there, RefName one, SyncLine line, CancellationToken cancellationToken)
    {
        var note = $"push{(line.Outcome == SyncOutcome.Forced ? " --force" : "")}: from {Environment.MachineName}";
        if (one.IsTag)
            return there.TryMoveTagAsync(one.Name, line.Before, line.After!.Value, note, cancellationToken);
        return line.Outcome == SyncOutcome.Made
            ? there.TryCreateBranchAsync(one.Name, line.After, note, cancellationToken)
            : there.TryMoveAsync(one.Name, line.Before, line.After, note, cancellationToken);
    }
}
