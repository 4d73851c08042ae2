using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Mounts;
using Vt.Volumes.Branches;
using Vt.Volumes.Revisions;
using Vt.Volumes.Work;

namespace Vt.Versions;

/// <summary>The volumes that a command works with: those in the store that the settings name, and what this machine has of them.</summary>
sealed class OpenVolumes : IAsyncDisposable
{
    /// <summary>The variable that stands in for the option of the volume.</summary>
    public const string Variable = "VT_VOLUME";

    const string FolderName = "volumes";

    static readonly string[] _usualBranches = ["main", "master"];

    readonly CommandContext _context;

    OpenVolumes(CommandContext context, IBlockStore store)
    {
        _context = context;
        Store = store;
        Catalog = new VolumeCatalog(store);
        Work = new WorkFolder(Path.Combine(context.Configuration.BaseDirectory.Value, FolderName), context.Boundary);
    }

    /// <summary>The store.</summary>
    public IBlockStore Store { get; }

    /// <summary>The volumes in it.</summary>
    public VolumeCatalog Catalog { get; }

    /// <summary>What this machine has of them.</summary>
    public WorkFolder Work { get; }

    /// <summary>Opens the store.</summary>
    /// <param name="context">The command.</param>
    /// <param name="isReadOnly">Whether nothing will be added to it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OpenVolumes> OpenAsync(CommandContext context, bool isReadOnly, CancellationToken cancellationToken)
    {
        var store = await context.OpenStoreAsync(isReadOnly, cancellationToken);
        try
        {
            return new OpenVolumes(context, store);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>The volumes in a store that is open already, and whose owner closes it.</summary>
    public static OpenVolumes Of(CommandContext context, IBlockStore store) => new(context, store);

    /// <summary>Finds a volume.</summary>
    /// <param name="name">Its name; null for the one that the environment says, else the current one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is none of that name, or no current one.</exception>
    public async ValueTask<Volume> FindVolumeAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is null && _context.Surroundings.Environment(Variable) is { Length: > 0 } said)
            name = said;
        if (name is not null)
            return await Catalog.FindAsync(name, cancellationToken);
        if (Work.ReadCurrent(Store.Description) is not { } current)
            throw new UserErrorException("no volume is current: say -V VOLUME, or choose one with vt volume switch VOLUME");
        await foreach (var volume in Catalog.ListAsync(cancellationToken))
        {
            if (volume.Id == current)
                return volume;
        }

        throw new UserErrorException("the current volume is not there any more: say -V VOLUME, or choose another with vt volume switch VOLUME");
    }

    /// <summary>The branch of a volume that is checked out.</summary>
    public async ValueTask<string> HeadOfAsync(Volume volume, CancellationToken cancellationToken)
    {
        if (Work.ReadNextHead(volume) is not null)
            FinishCheckout(volume);
        if (Work.ReadHead(volume) is { } head && await volume.HasBranchAsync(head, cancellationToken))
            return head;
        var branches = new List<string>();
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
            branches.Add(branch);
        return _usualBranches.FirstOrDefault(branches.Contains) ?? branches.FirstOrDefault()
            ?? throw new FormatInvalidException($"volume {volume.Name} has no branch");
    }

    /// <summary>The mount that follows what is checked out of a volume, and the branch that it shows; null where this process sees none.</summary>
    public (LiveMount Mount, string Branch)? FindFollower(Volume volume)
    {
        foreach (var mount in LiveMount.List())
        {
            if (mount.IsFollowing && Work.BranchOf(volume, mount.Archive) is { } branch)
                return (mount, branch);
        }

        return null;
    }

    // Somebody died in the midst of it: what is mounted says how far that came. Where nothing is, nobody can tell, and either is right.
    void FinishCheckout(Volume volume)
    {
        using var locked = Work.TryLock(volume);
        if (locked is not null && Work.ReadNextHead(volume) is { } next)
            Work.WriteHead(volume, FindFollower(volume)?.Branch ?? next);
    }

    /// <summary>The branch that is meant.</summary>
    /// <param name="volume">Its volume.</param>
    /// <param name="branch">Its name; null for the one that is checked out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is none of that name.</exception>
    public async ValueTask<string> FindBranchAsync(Volume volume, string? branch, CancellationToken cancellationToken)
    {
        if (branch is null)
            return await HeadOfAsync(volume, cancellationToken);
        return await volume.HasBranchAsync(branch, cancellationToken) ? branch : throw new UserErrorException($"there is no branch '{branch}' in {volume.Name}");
    }

    /// <summary>Finds the commit that a revision means.</summary>
    /// <param name="text">The revision.</param>
    /// <param name="volume">The name of the volume, if the revision doesn't say one; null for the current one.</param>
    /// <param name="branch">What HEAD means; null for the branch that is checked out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<(Volume Volume, BlockHash Commit)> ResolveAsync(string text, string? volume, string? branch, CancellationToken cancellationToken)
    {
        var revision = Revision.Parse(text);
        var found = await FindVolumeAsync(revision.Volume ?? volume, cancellationToken);
        var head = await FindBranchAsync(found, revision.Volume is null ? branch : null, cancellationToken);
        return (found, await new RevisionResolver(found, head, _context.Surroundings.Clock).ResolveAsync(revision, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
