using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Output;
using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Check;
using Vt.Trees.Sync;

namespace Vt.Remotes;

/// <summary>Brings archives from one side to the other: states are only ever added behind those that are there.</summary>
/// <param name="session">The two sides.</param>
sealed class ArchiveExchange(RemoteSession session)
{
    const int StatesAtOnce = 64;

    /// <summary>Brings an archive's states to the remote, which keeps them as the log of a reference.</summary>
    /// <param name="path">The archive's file.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="UserErrorException">There is no such archive.</exception>
    public async Task PushAsync(string path, CancellationToken cancellationToken)
    {
        var archive = session.Context.ArchiveAt(path);
        var contents = archive.ReadAll();
        if (contents.Id is not { } id || contents.Faults.Count > 0)
            throw new UserErrorException($"{path} is damaged, at line {(contents.Faults.Count > 0 ? contents.Faults[0].Line : 1)}: see vt fsck {path}");
        await PushAsync(id, Path.GetFullPath(archive.Path), contents.States, cancellationToken);
    }

    /// <summary>Brings an archive's states to the remote, as far as the store here knows them.</summary>
    public async Task PushAsync(Guid id, ArchiveRegistration newest, CancellationToken cancellationToken)
    {
        var states = (await ArchiveRegistration.ListAsync(session.ReferencesHere, id, cancellationToken)).Select(static state => state.State).ToList();
        await PushAsync(id, newest.Path, states, cancellationToken);
    }

    /// <summary>Brings an archive's states from the remote into a file here: the one that the archive has here, else one below basedir.</summary>
    /// <param name="id">The archive's id.</param>
    /// <param name="name">The name of its file, where it has none here.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <param name="path">The file, where that is known.</param>
    public async Task PullAsync(Guid id, string name, CancellationToken cancellationToken, string? path = null)
    {
        var states = (await ArchiveRegistration.ListAsync(session.ReferencesThere, id, cancellationToken)).Select(static state => state.State).ToList();
        if (states.Count == 0)
            throw new UserErrorException($"{session.Place.Text} knows no state of {name}");
        var archive = session.Context.ArchiveAt(path ?? await FindFileAsync(id, session.Options.As ?? name, cancellationToken));
        var own = archive.Exists && !archive.IsUnfinished ? archive.ReadAll().States : [];
        var line = new SyncLine(Path.GetFileName(archive.Path), SyncOutcome.UpToDate) { Detail = archive.Path };
        if (!IsBeginning(own, states))
        {
            session.Report.Add(IsBeginning(states, own)
                ? line with { Detail = $"{session.Place.Text} lacks {States(own.Count - states.Count)}: vt push brings them there" }
                : line with { Outcome = SyncOutcome.Refused, Detail = Apart(own, states) });
            return;
        }

        using var hold = session.Options.IsDryRun || !archive.Exists ? null : Take(archive);
        await BringAsync(session.There, session.Here.Store, states.Skip(own.Count), cancellationToken);
        if (!session.Options.IsDryRun)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(archive.Path)!);
            await archive.AdoptAsync(id, states, session.ReferencesHere, cancellationToken);
        }

        var count = states.Count - own.Count;
        session.Report.Add(line with { Outcome = count == 0 ? SyncOutcome.UpToDate : own.Count == 0 ? SyncOutcome.Made : SyncOutcome.Forwarded, Count = count });
    }

    async Task PushAsync(Guid id, string path, IReadOnlyList<ArchiveState> ours, CancellationToken cancellationToken)
    {
        var line = new SyncLine(Path.GetFileName(path), SyncOutcome.UpToDate);
        while (true)
        {
            var value = await session.ReferencesThere.ReadAsync(ArchiveRegistration.NameOf(id), cancellationToken);
            var theirs = (await ArchiveRegistration.ListAsync(session.ReferencesThere, id, cancellationToken)).Select(static state => state.State).ToList();
            if (!IsBeginning(theirs, ours))
            {
                session.Report.Add(IsBeginning(ours, theirs)
                    ? line with { Outcome = SyncOutcome.Behind, Detail = $"{session.Place.Text} has {States(theirs.Count - ours.Count)} more: vt pull brings them" }
                    : line with { Outcome = SyncOutcome.Refused, Detail = Apart(ours, theirs) });
                return;
            }

            var missing = ours.Skip(theirs.Count).ToList();
            await BringAsync(session.Here.Store, session.There, missing, cancellationToken);
            if (!session.Options.IsDryRun && !await RegisterAsync(id, path, value, missing, cancellationToken))
                continue;
            if (!session.Options.IsDryRun)
                await VolumeCheck.CheckAsync(session, [.. missing.Select(state => new CheckedTree($"{line.What}@{state.Date:yyyy-MM-dd'T'HH:mm:sszzz}", state.Root))], cancellationToken);
            session.Report.Add(line with { Outcome = missing.Count == 0 ? SyncOutcome.UpToDate : theirs.Count == 0 ? SyncOutcome.Made : SyncOutcome.Forwarded, Count = missing.Count });
            return;
        }
    }

    // False where somebody else has added states meanwhile.
    async Task<bool> RegisterAsync(Guid id, string path, string? value, List<ArchiveState> states, CancellationToken cancellationToken)
    {
        foreach (var state in states)
        {
            var next = ArchiveRegistration.OfPushed(state, path).ToString();
            if (!await session.ReferencesThere.TryMoveAsync(ArchiveRegistration.NameOf(id), value, next, $"push: from {Environment.MachineName}", cancellationToken))
                return false;
            value = next;
        }

        return true;
    }

    async Task BringAsync(IBlockStore source, IBlockStore target, IEnumerable<ArchiveState> states, CancellationToken cancellationToken)
    {
        foreach (var part in states.Chunk(StatesAtOnce))
        {
            var transfer = new TreeTransfer(source, target, session.Transfer);
            var (items, trees) = (new List<TransferItem>(), new TreeItems(transfer.Reader));
            foreach (var state in part)
                trees.AddTree(state.Root, items);
            await transfer.RunAsync(items, cancellationToken);
        }
    }

    // Where the archive is here already, under whatever name.
    async Task<string> FindFileAsync(Guid id, string name, CancellationToken cancellationToken)
    {
        if (session.Options.As is null
            && await session.ReferencesHere.ReadAsync(ArchiveRegistration.NameOf(id), cancellationToken) is { } value
            && ArchiveRegistration.TryParse(value) is { } known
            && File.Exists(known.Path) && session.Context.ArchiveAt(known.Path) is { IsUnfinished: false } archive && archive.ReadId() == id)
            return known.Path;
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || name.StartsWith('.'))
            throw new UserErrorException($"'{name}' is no name for an archive's file: say one with --as");
        var file = Path.Combine(session.Context.Configuration.BaseDirectory.Value, name.EndsWith(".vt", StringComparison.Ordinal) ? name : name + ".vt");
        if (File.Exists(file) && session.Context.ArchiveAt(file) is { IsUnfinished: false } other && other.ReadId() != id)
            throw new UserErrorException($"{file} is another archive: bring this one by another name with --as NAME");
        return file;
    }

    static ArchiveHold Take(ArchiveFile archive)
    {
        if (ArchiveHold.TryTake(archive.Path, LockKind.Exclusive, out var holder) is not { } hold)
            throw new UserErrorException($"{archive.Path} is in use by process {holder.Process}: unmount it, or wait for that");
        if (!LiveArchive.HasWaitingChanges(archive.Path))
            return hold;
        hold.Dispose();
        throw new UserErrorException($"changes of a mount of {archive.Path} that was killed wait: mount it once, so that they get into it");
    }

    static bool IsBeginning(IReadOnlyList<ArchiveState> some, IReadOnlyList<ArchiveState> all)
    {
        for (var i = 0; i < some.Count; i++)
        {
            if (i >= all.Count || some[i].When != all[i].When || !some[i].Root.Equals(all[i].Root))
                return false;
        }

        return true;
    }

    string Apart(IReadOnlyList<ArchiveState> ours, List<ArchiveState> theirs)
    {
        var same = 0;
        while (same < ours.Count && same < theirs.Count && ours[same].When == theirs[same].When && ours[same].Root.Equals(theirs[same].Root))
            same++;
        return $"the file here has {States(ours.Count - same)} that {session.Place.Text} has not, and that has {States(theirs.Count - same)} that are not here, behind {same} that both have: an archive only grows, so copy the file, or import what is newer into the other one";
    }

    static string States(int count) => HumanText.Count(count, "state");
}
