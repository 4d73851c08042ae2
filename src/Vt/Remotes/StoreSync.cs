using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Volumes.Branches;

namespace Vt.Remotes;

/// <summary>What push, pull, sync and clone-remote do, by the words that name what is to be brought. Commands and sessions call the same.</summary>
/// <param name="session">The two sides.</param>
sealed class StoreSync(RemoteSession session)
{
    /// <summary>Brings things to the remote.</summary>
    /// <param name="what">Volumes, VOLUME@NAME, branches and tags of the current volume, archives, references of trees; none for the current volume.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="UserErrorException">There is no such thing; what came before it was brought.</exception>
    public async Task PushAsync(IReadOnlyList<string> what, CancellationToken cancellationToken)
    {
        if (what.Count == 0)
            await PushVolumeAsync(await session.Here.FindVolumeAsync(null, cancellationToken), null, cancellationToken);
        foreach (var word in what)
            await PushAsync(word, cancellationToken);
    }

    /// <summary>Brings every volume and archive to the remote.</summary>
    public async Task PushAllAsync(CancellationToken cancellationToken)
    {
        foreach (var volume in await ListAsync(session.Here.Catalog, cancellationToken))
            await GuardedAsync(volume.Name, () => PushVolumeAsync(volume, null, cancellationToken));
        foreach (var (id, newest) in await new StoredArchives(session.ReferencesHere).ListAsync(cancellationToken))
            await GuardedAsync(StoredArchives.NameOf(newest), () => new ArchiveExchange(session).PushAsync(id, newest, cancellationToken));
    }

    /// <summary>Brings every block to the remote, and then every volume and archive.</summary>
    public async Task PushStoreAsync(CancellationToken cancellationToken)
    {
        await new BlocksExchange(session).PushAsync(cancellationToken);
        await PushAllAsync(cancellationToken);
    }

    /// <summary>Brings things from the remote.</summary>
    /// <param name="what">Volumes, VOLUME@NAME, NAME of the current volume, archives by their files' names or ids, references of trees; none for the current volume.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="UserErrorException">There is no such thing; what came before it was brought.</exception>
    public async Task PullAsync(IReadOnlyList<string> what, CancellationToken cancellationToken)
    {
        if (what.Count == 0)
            await PullVolumeAsync(await FindThereAsync(await session.Here.FindVolumeAsync(null, cancellationToken), cancellationToken), null, cancellationToken);
        foreach (var word in what)
            await PullAsync(word, cancellationToken);
    }

    /// <summary>Brings things from the remote and then to it. What is at one side only goes to the other; a branch that is ahead or apart here is not told twice.</summary>
    public async Task SyncAsync(IReadOnlyList<string> what, CancellationToken cancellationToken)
    {
        if (what.Count == 0)
        {
            await SyncAsync(await session.Here.FindVolumeAsync(null, cancellationToken), null, cancellationToken);
            return;
        }

        foreach (var word in what)
            await SyncAsync(word, cancellationToken);
    }

    /// <summary>Brings every volume and archive from the remote.</summary>
    public async Task PullAllAsync(CancellationToken cancellationToken)
    {
        foreach (var volume in await ListAsync(session.Catalog, cancellationToken))
            await GuardedAsync(volume.Name, () => PullVolumeAsync(volume, null, cancellationToken));
        await PullArchivesAsync(cancellationToken);
    }

    /// <summary>Brings every block from the remote, and then every volume and archive.</summary>
    public async Task PullStoreAsync(CancellationToken cancellationToken)
    {
        await new BlocksExchange(session).PullAsync(cancellationToken);
        await PullAllAsync(cancellationToken);
    }

    /// <summary>Brings volumes that are not here yet, and makes them ready to work in.</summary>
    /// <param name="names">Their names there; none for all.</param>
    /// <param name="withArchives">Whether archives come too.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    public async Task CloneAsync(IReadOnlyList<string> names, bool withArchives, CancellationToken cancellationToken)
    {
        var volumes = new List<Volume>();
        foreach (var name in names)
            volumes.Add(await FindThereAsync(name, cancellationToken));
        if (names.Count == 0)
            volumes.AddRange(await ListAsync(session.Catalog, cancellationToken));
        if (volumes.Count == 0 && !withArchives)
            throw new UserErrorException($"there is no volume in {session.Place.Text}");
        foreach (var volume in volumes)
            await GuardedAsync(volume.Name, () => new VolumeClone(session).RunAsync(volume, cancellationToken));
        if (withArchives)
            await PullArchivesAsync(cancellationToken);
    }

    async Task SyncAsync(string word, CancellationToken cancellationToken)
    {
        if (word is [_, '{', ..])
            throw new UserErrorException("a tree has no history to be in step with: push or pull it");
        var at = word.IndexOf('@', StringComparison.Ordinal);
        var (volumeName, name) = at < 0 ? (word, null) : (word[..at], word[(at + 1)..]);
        if (at == 0)
            await SyncAsync(await session.Here.FindVolumeAsync(null, cancellationToken), name, cancellationToken);
        else if (await session.Here.Catalog.TryFindAsync(volumeName, cancellationToken) is { } volume)
            await SyncAsync(volume, name, cancellationToken);
        else if (await TryFindThereAsync(volumeName, cancellationToken) is { } other)
            await SyncAsync(await new VolumePull(session).RunAsync(other, name, cancellationToken), name, cancellationToken);
        else if (File.Exists(session.Context.PathFromHere(word)))
            await SyncArchiveAsync(word, cancellationToken);
        else if (at < 0 && await FindInCurrentAsync(word, cancellationToken) is { } current)
            await SyncAsync(current, word, cancellationToken);
        else
            await PullArchiveAsync(word, cancellationToken);
    }

    async Task SyncAsync(Volume here, string? name, CancellationToken cancellationToken)
    {
        if (await session.Catalog.TryFindAsync(here.Id, here.Name, cancellationToken) is { } there
            && (name is null || await there.HasBranchAsync(name, cancellationToken) || await there.ReadTagAsync(name, cancellationToken) is not null))
        {
            using (session.Report.BeginFirstWay())
                await PullVolumeAsync(there, name, cancellationToken);
        }

        await PushVolumeAsync(here, name, cancellationToken);
    }

    async Task SyncArchiveAsync(string path, CancellationToken cancellationToken)
    {
        var id = session.Context.ArchiveAt(path).ReadId();
        if (await session.ReferencesThere.ReadAsync(ArchiveRegistration.NameOf(id), cancellationToken) is not null)
        {
            using (session.Report.BeginFirstWay())
                await new ArchiveExchange(session).PullAsync(id, Path.GetFileName(path), cancellationToken, session.Context.PathFromHere(path));
        }

        await new ArchiveExchange(session).PushAsync(path, cancellationToken);
    }

    async Task PushAsync(string word, CancellationToken cancellationToken)
    {
        if (word is [_, '{', ..])
        {
            await PushTreeAsync(word, cancellationToken);
            return;
        }

        var at = word.IndexOf('@', StringComparison.Ordinal);
        var (volumeName, name) = at < 0 ? (word, null) : (word[..at], word[(at + 1)..]);
        if (at == 0)
            await PushVolumeAsync(await session.Here.FindVolumeAsync(null, cancellationToken), name, cancellationToken);
        else if (await session.Here.Catalog.TryFindAsync(volumeName, cancellationToken) is { } volume)
            await PushVolumeAsync(volume, name, cancellationToken);
        else if (session.Context.ParseReference(word) is { ArchivePath: { } path } archive && File.Exists(path))
            await (archive is { Date: null, SubPath.IsEmpty: true } ? new ArchiveExchange(session).PushAsync(path, cancellationToken) : PushTreeAsync(word, cancellationToken));
        else if (at < 0 && await FindInCurrentAsync(word, cancellationToken) is { } current)
            await PushVolumeAsync(current, word, cancellationToken);
        else
            throw new UserErrorException($"there is no volume, branch, tag or archive '{word}' here");
    }

    async Task PullAsync(string word, CancellationToken cancellationToken)
    {
        if (word is [_, '{', ..])
        {
            await new TreeExchange(session).PullAsync(await ResolveAsync(word, session.There, cancellationToken), cancellationToken);
            return;
        }

        var at = word.IndexOf('@', StringComparison.Ordinal);
        var (volumeName, name) = at < 0 ? (word, null) : (word[..at], word[(at + 1)..]);
        if (at == 0)
            await PullVolumeAsync(await FindThereAsync(await session.Here.FindVolumeAsync(null, cancellationToken), cancellationToken), name, cancellationToken);
        else if (await TryFindThereAsync(volumeName, cancellationToken) is { } volume)
            await PullVolumeAsync(volume, name, cancellationToken);
        else if (at < 0 && await FindInCurrentThereAsync(word, cancellationToken) is { } current)
            await PullVolumeAsync(current, word, cancellationToken);
        else
            await PullArchiveAsync(word, cancellationToken);
    }

    Task PushVolumeAsync(Volume volume, string? name, CancellationToken cancellationToken) => new VolumePush(session).RunAsync(volume, name, cancellationToken);

    Task<Volume> PullVolumeAsync(Volume volume, string? name, CancellationToken cancellationToken) => new VolumePull(session).RunAsync(volume, name, cancellationToken);

    async Task PushTreeAsync(string word, CancellationToken cancellationToken) =>
        await new TreeExchange(session).PushAsync(await ResolveAsync(word, session.Here.Store, cancellationToken), cancellationToken);

    async Task PullArchiveAsync(string word, CancellationToken cancellationToken)
    {
        var (id, name) = await new StoredArchives(session.ReferencesThere).FindAsync(word, session.Place.Text, cancellationToken);
        await new ArchiveExchange(session).PullAsync(id, name, cancellationToken);
    }

    async Task PullArchivesAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, newest) in await new StoredArchives(session.ReferencesThere).ListAsync(cancellationToken))
            await GuardedAsync(StoredArchives.NameOf(newest), () => new ArchiveExchange(session).PullAsync(id, StoredArchives.NameOf(newest), cancellationToken));
    }

    // Of many things one that can't be brought leaves the others.
    async Task GuardedAsync(string what, Func<Task> bring)
    {
        try
        {
            await bring();
        }
        catch (UserErrorException refused)
        {
            session.Report.Add(new SyncLine(what, SyncOutcome.Refused) { Detail = refused.Message });
        }
    }

    async Task<Trees.Dirents.Dirent> ResolveAsync(string word, IBlockStore store, CancellationToken cancellationToken) =>
        await session.Context.ParseReference(word).ResolveAsync(new DirectoryReader(store, new DirectoryNodeCache()), session.Context.Surroundings.Clock, cancellationToken);

    async Task<Volume?> FindInCurrentAsync(string name, CancellationToken cancellationToken) =>
        await FindCurrentAsync(cancellationToken) is { } volume && (await volume.HasBranchAsync(name, cancellationToken) || await volume.ReadTagAsync(name, cancellationToken) is not null) ? volume : null;

    async Task<Volume?> FindInCurrentThereAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindCurrentAsync(cancellationToken) is not { } here || await session.Catalog.TryFindAsync(here.Id, here.Name, cancellationToken) is not { } volume)
            return null;
        return await volume.HasBranchAsync(name, cancellationToken) || await volume.ReadTagAsync(name, cancellationToken) is not null ? volume : null;
    }

    async Task<Volume?> FindCurrentAsync(CancellationToken cancellationToken) =>
        session.Here.Work.ReadCurrent(session.Here.Store.Description) is { } id ? await session.Here.Catalog.TryFindAsync(id, "", cancellationToken) : null;

    // The same volume may have another name there.
    async Task<Volume> FindThereAsync(Volume here, CancellationToken cancellationToken) =>
        await session.Catalog.TryFindAsync(here.Id, here.Name, cancellationToken)
        ?? throw new UserErrorException($"{session.Place.Text} has not got volume {here.Name}: vt push brings it there; or name one that it has: {await NamesThereAsync(cancellationToken)}");

    async Task<Volume> FindThereAsync(string name, CancellationToken cancellationToken) =>
        await TryFindThereAsync(name, cancellationToken) ?? throw new UserErrorException($"there is no volume '{name}' in {session.Place.Text}: it has {await NamesThereAsync(cancellationToken)}");

    async Task<Volume?> TryFindThereAsync(string name, CancellationToken cancellationToken)
    {
        if (await session.Catalog.TryFindAsync(name, cancellationToken) is { } volume)
            return volume;
        return await session.Here.Catalog.TryFindAsync(name, cancellationToken) is { } here ? await session.Catalog.TryFindAsync(here.Id, here.Name, cancellationToken) : null;
    }

    async Task<string> NamesThereAsync(CancellationToken cancellationToken)
    {
        var names = (await ListAsync(session.Catalog, cancellationToken)).Select(static volume => volume.Name).ToList();
        return names.Count == 0 ? "none" : string.Join(", ", names);
    }

    static async Task<List<Volume>> ListAsync(VolumeCatalog catalog, CancellationToken cancellationToken)
    {
        var volumes = new List<Volume>();
        await foreach (var volume in catalog.ListAsync(cancellationToken))
            volumes.Add(volume);
        return volumes;
    }
}
