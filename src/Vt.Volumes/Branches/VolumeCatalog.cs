using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;

namespace Vt.Volumes.Branches;

/// <summary>
/// The volumes in a store: references <c>volumes/NAME</c>, each with the volume's id as its value. All else of a volume is under its id, so that
/// another name is one movement. Safe from any thread and for many processes at once.
/// </summary>
public sealed class VolumeCatalog
{
    const string Prefix = "volumes/";

    readonly IBlockStore _store;
    readonly IRefStore _refs;

    /// <summary>Opens the volumes of a store.</summary>
    /// <param name="store">The store; not disposed.</param>
    /// <exception cref="UserErrorException">The store keeps no references.</exception>
    public VolumeCatalog(IBlockStore store)
    {
        _store = store;
        _refs = store as IRefStore ?? throw new UserErrorException($"{store.Description} keeps no references, and so no volumes");
    }

    /// <summary>All volumes in the order of their names.</summary>
    public async IAsyncEnumerable<Volume> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var name in _refs.ListAsync(Prefix, cancellationToken))
        {
            if (await TryFindAsync(name[Prefix.Length..], cancellationToken) is { } volume)
                yield return volume;
        }
    }

    /// <summary>Finds a volume.</summary>
    /// <returns>Null where there is none of that name.</returns>
    public async ValueTask<Volume?> TryFindAsync(string name, CancellationToken cancellationToken = default) =>
        VolumeNames.FaultOfVolume(name) is null && await _refs.ReadAsync(Prefix + name, cancellationToken) is { } value ? Open(name, value) : null;

    /// <summary>Finds a volume.</summary>
    /// <exception cref="UserErrorException">There is none of that name.</exception>
    public async ValueTask<Volume> FindAsync(string name, CancellationToken cancellationToken = default) =>
        await TryFindAsync(name, cancellationToken) ?? throw new UserErrorException($"there is no volume '{name}' in {_store.Description}");

    /// <summary>Finds a volume by its id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="likely">The name that it is likely to have, which is looked at before all the others.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where no name stands for it.</returns>
    public async ValueTask<Volume?> TryFindAsync(Guid id, string likely, CancellationToken cancellationToken = default)
    {
        if (await TryFindAsync(likely, cancellationToken) is { } found && found.Id == id)
            return found;
        await foreach (var volume in ListAsync(cancellationToken))
        {
            if (volume.Id == id)
                return volume;
        }

        return null;
    }

    /// <summary>The branches and tags of an id, whether or not a name stands for it.</summary>
    /// <param name="name">What the volume is called, or is to be called.</param>
    /// <param name="id">The id.</param>
    /// <exception cref="UserErrorException">The name is none.</exception>
    public Volume Open(string name, Guid id)
    {
        VolumeNames.CheckVolume(name);
        return new Volume(_store, _refs, name, id);
    }

    /// <summary>Has a volume's name stand for its id, which has a branch already: the last step of bringing it from another store.</summary>
    /// <param name="volume">What <see cref="Open(string, Guid)"/> gave.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up before it is done.</param>
    /// <exception cref="UserErrorException">The name stands for another volume.</exception>
    public async ValueTask NameAsync(Volume volume, string note, CancellationToken cancellationToken = default)
    {
        var id = volume.Id.ToString("D");
        if (!await _refs.TryMoveAsync(Prefix + volume.Name, null, id, note, cancellationToken) && await _refs.ReadAsync(Prefix + volume.Name, cancellationToken) != id)
            throw Exists(volume.Name);
    }

    /// <summary>Makes a volume with one branch, which has no commit yet.</summary>
    /// <param name="name">The volume's name.</param>
    /// <param name="branch">The branch's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is one of that name, or a name is none.</exception>
    public async ValueTask<Volume> CreateAsync(string name, string branch, CancellationToken cancellationToken = default)
    {
        VolumeNames.CheckVolume(name);
        VolumeNames.CheckBranch(branch);
        if (await _refs.ReadAsync(Prefix + name, cancellationToken) is not null)
            throw Exists(name);

        // The branch first: there is no moment in which a volume has none.
        var volume = new Volume(_store, _refs, name, Guid.CreateVersion7());
        await volume.CreateBranchAsync(branch, null, "volume made", cancellationToken);
        if (!await _refs.TryMoveAsync(Prefix + name, null, volume.Id.ToString("D"), "made", cancellationToken))
            throw Exists(name);
        return volume;
    }

    /// <summary>Gives a volume another name. A crash on the way may leave it with both.</summary>
    /// <exception cref="UserErrorException">The new name is none or is taken, or the volume has another name meanwhile.</exception>
    public async ValueTask<Volume> RenameAsync(Volume volume, string name, CancellationToken cancellationToken = default)
    {
        VolumeNames.CheckVolume(name);
        var id = volume.Id.ToString("D");
        if (!await _refs.TryMoveAsync(Prefix + name, null, id, $"renamed from {volume.Name}", cancellationToken)
            && (await _refs.ReadAsync(Prefix + name, cancellationToken) != id || name == volume.Name))
            throw Exists(name);
        await EndAsync(volume, $"renamed to {name}", cancellationToken);
        return Open(name, id);
    }

    /// <summary>Ends a volume's name. Its branches and commits stay in the store's records, from which <see cref="RestoreAsync"/> brings it back.</summary>
    /// <exception cref="UserErrorException">Somebody else has ended it.</exception>
    public ValueTask RemoveAsync(Volume volume, CancellationToken cancellationToken = default) => EndAsync(volume, "removed", cancellationToken);

    /// <summary>Brings back the volume that a name stood for last.</summary>
    /// <exception cref="UserErrorException">The name stands for a volume, or never did.</exception>
    public async ValueTask<Volume> RestoreAsync(string name, CancellationToken cancellationToken = default)
    {
        VolumeNames.CheckVolume(name);
        string? last = null;
        await foreach (var movement in _refs.ReadLogAsync(Prefix + name, cancellationToken))
            last = movement.Value ?? last;
        if (last is null)
            throw new UserErrorException($"there never was a volume '{name}' in {_store.Description}");
        if (!await _refs.TryMoveAsync(Prefix + name, null, last, "brought back", cancellationToken))
            throw Exists(name);
        return Open(name, last);
    }

    async ValueTask EndAsync(Volume volume, string note, CancellationToken cancellationToken)
    {
        if (!await _refs.TryMoveAsync(Prefix + volume.Name, volume.Id.ToString("D"), null, note, cancellationToken))
            throw new UserErrorException($"'{volume.Name}' stands for no volume any more, or for another");
    }

    Volume Open(string name, string value) => Guid.TryParseExact(value, "D", out var id)
        ? new Volume(_store, _refs, name, id)
        : throw new FormatInvalidException($"the reference {Prefix}{name} has '{value}' and should have a UUID");

    UserErrorException Exists(string name) => new($"there is a volume '{name}' already in {_store.Description}");
}
