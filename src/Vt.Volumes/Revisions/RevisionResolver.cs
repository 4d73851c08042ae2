using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Meta;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Volumes.Revisions;

/// <summary>Finds the commits that revisions name in a volume.</summary>
/// <param name="volume">The volume.</param>
/// <param name="head">The branch that is checked out.</param>
/// <param name="clock">Now, and the zone of dates.</param>
public sealed class RevisionResolver(Volume volume, string head, TimeProvider clock)
{
    /// <summary>The fewest digits of a commit's name that are taken for one.</summary>
    public const int ShortestPrefix = 4;

    const int MostListed = 5;

    /// <summary>Finds a commit.</summary>
    /// <exception cref="UserErrorException">There is none of that name, or several.</exception>
    public async ValueTask<BlockHash> ResolveAsync(Revision revision, CancellationToken cancellationToken = default)
    {
        var steps = revision.Steps;
        var commit = steps is [{ Kind: RevisionStepKind.Movement or RevisionStepKind.Moment } first, ..]
            ? await FindMovedAsync(revision, first, cancellationToken)
            : await FindNamedAsync(revision, cancellationToken);
        foreach (var step in steps)
        {
            if (step.Kind is RevisionStepKind.Parent)
                commit = await ParentAsync(revision, commit, step.Number, cancellationToken);
            for (var i = 0; step.Kind is RevisionStepKind.Ancestor && i < step.Number; i++)
                commit = await ParentAsync(revision, commit, 1, cancellationToken);
        }

        return commit;
    }

    /// <summary>Finds a commit.</summary>
    /// <exception cref="UserErrorException">The text is no revision, or there is none of that name, or several.</exception>
    public ValueTask<BlockHash> ResolveAsync(string text, CancellationToken cancellationToken = default) => ResolveAsync(Revision.Parse(text), cancellationToken);

    /// <summary>The branch that a revision is the name of.</summary>
    /// <returns>Null where it is more than a name, or no branch's.</returns>
    public async ValueTask<string?> FindBranchAsync(Revision revision, CancellationToken cancellationToken = default)
    {
        var branch = BranchOf(revision);
        return revision.IsName && await volume.HasBranchAsync(branch, cancellationToken) ? branch : null;
    }

    async ValueTask<BlockHash> ParentAsync(Revision revision, BlockHash id, int number, CancellationToken cancellationToken)
    {
        var parents = (await volume.Commits.ReadAsync(id, cancellationToken)).Parents;
        if (number == 0)
            return id;
        return number <= parents.Count
            ? parents[number - 1]
            : throw new UserErrorException($"'{revision}' goes beyond the beginning: {id.ToShortString()} has {(parents.Count == 0 ? "no parent" : $"{parents.Count} of them")}");
    }

    async ValueTask<BlockHash> FindMovedAsync(Revision revision, RevisionStep step, CancellationToken cancellationToken)
    {
        var branch = BranchOf(revision);
        var movements = new List<Movement>();
        await foreach (var movement in volume.ReadMovementsAsync(branch, cancellationToken))
        {
            if (!movement.IsEnd)
                movements.Add(movement);
        }

        if (movements.Count == 0)
            throw new UserErrorException($"there is no branch '{branch}' in {volume.Name}");
        if (step.Kind == RevisionStepKind.Movement)
        {
            return step.Number < movements.Count && movements[^(step.Number + 1)].Commit is { } commit
                ? commit
                : throw new UserErrorException($"'{revision}' goes beyond the beginning: {branch} has moved {movements.Count(static movement => movement.Commit is not null)} times");
        }

        if (!LooseDate.TryParse(step.Text, clock.GetUtcNow(), clock.LocalTimeZone, out var last))
            throw new UserErrorException($"'{step.Text}' in '{revision}' is no date; write yesterday, 2.hours.ago, 2026-11-21 or 2026-11-21T07:30");
        return movements.FindLast(movement => Timestamp.From(movement.When).CompareTo(last) <= 0)?.Commit
            ?? throw new UserErrorException($"'{revision}': {branch} had no commit then");
    }

    async ValueTask<BlockHash> FindNamedAsync(Revision revision, CancellationToken cancellationToken)
    {
        var name = BranchOf(revision);
        if (await volume.HasBranchAsync(name, cancellationToken))
            return await TipAsync(name, cancellationToken);
        if (await volume.ReadTagAsync(name, cancellationToken) is { } tagged)
            return tagged;
        if (await volume.ReadTrackedAsync(name, cancellationToken) is { } tracked)
            return tracked;
        if (BlockHash.TryParse(name, out var whole) || BlockHash.TryParse($"{name.ToLowerInvariant()}.{HashAlgorithms.NameOf(volume.Commits.Algorithm)}", out whole))
            return await volume.Commits.TryReadAsync(whole, cancellationToken) is not null ? whole : throw Missing(revision);
        if (name.Length >= ShortestPrefix && name.All(char.IsAsciiHexDigit) && await FindByPrefixAsync(revision, name.ToLowerInvariant(), cancellationToken) is { } found)
            return found;
        if (LooseDate.TryParse(name, clock.GetUtcNow(), clock.LocalTimeZone, out var last))
            return await FindByDateAsync(revision, last, cancellationToken);
        throw Missing(revision);
    }

    async ValueTask<BlockHash> TipAsync(string branch, CancellationToken cancellationToken) =>
        await volume.ReadTipAsync(branch, cancellationToken)
        ?? throw new UserErrorException($"{volume.Name}@{branch} has no commit yet");

    // The newest commit of the branch that is checked out that is no younger.
    async ValueTask<BlockHash> FindByDateAsync(Revision revision, Timestamp last, CancellationToken cancellationToken)
    {
        for (BlockHash? at = await TipAsync(head, cancellationToken); at is { } id;)
        {
            var commit = await volume.Commits.ReadAsync(id, cancellationToken);
            if (commit.Committer.When.CompareTo(last) <= 0)
                return id;
            at = commit.Parents.Count > 0 ? commit.Parents[0] : null;
        }

        throw new UserErrorException($"'{revision}': {volume.Name}@{head} had no commit then");
    }

    async ValueTask<BlockHash?> FindByPrefixAsync(Revision revision, string prefix, CancellationToken cancellationToken)
    {
        var found = new List<BlockHash>();
        await foreach (var (id, _) in new CommitWalk(volume.Commits).WalkAsync(await volume.ListStartsAsync(cancellationToken), cancellationToken))
        {
            if (Convert.ToHexStringLower(id.Digest).StartsWith(prefix, StringComparison.Ordinal))
                found.Add(id);
        }

        if (found.Count > 1)
        {
            throw new UserErrorException(
                $"'{revision}' is the beginning of {found.Count} commits' names: {string.Join(", ", found.Take(MostListed).Select(static id => id.ToShortString()))}");
        }

        return found.Count == 1 ? found[0] : null;
    }

    string BranchOf(Revision revision) => revision.Name == Revision.Head ? head : revision.Name;

    UserErrorException Missing(Revision revision) => new($"there is no branch, tag or commit '{revision.Name}' in {volume.Name}");
}
