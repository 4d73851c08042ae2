using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Output;
using Vt.References;
using Vt.Trees.Dirents;
using Vt.Versions;
using Vt.Volumes.Revisions;

namespace Vt.Mounts;

/// <summary>What is mounted for writing: an archive, or a branch's tree, which is one too.</summary>
/// <param name="Store">The store.</param>
/// <param name="Archive">The archive file.</param>
/// <param name="Path">The folder in its tree, names with slashes between; empty for the root.</param>
/// <param name="Name">What the table of mounts is to call it; null for what the command line says.</param>
/// <param name="Fork">The copy that it is, which goes with this; null of what stays.</param>
/// <param name="Branch">The branch whose tree it is, which nobody moves until <see cref="LetGo"/>; null of any other archive.</param>
/// <param name="Volumes">The volumes of the store and the one that it is of, whose versions can be shown; null of any other archive.</param>
sealed record LivePlace(
    IBlockStore Store, string Archive, string Path, string? Name, Fork? Fork = null, BranchTree? Branch = null, (OpenVolumes All, Vt.Volumes.Branches.Volume Volume)? Volumes = null) : IAsyncDisposable
{
    /// <summary>Opens what the command line says.</summary>
    /// <param name="context">The command.</param>
    /// <param name="special">An archive, with a path in it or without, or a volume or branch.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is no such volume or branch, or a commit is meant.</exception>
    public static async Task<LivePlace> OpenAsync(CommandContext context, string special, CancellationToken cancellationToken)
    {
        if (VolumePlace.TryParse(context, special) is not { } revision)
        {
            var archive = ArchivePlace.Parse(context.PathFromHere(special));
            return new LivePlace(await context.OpenStoreAsync(isReadOnly: false, cancellationToken), archive.Archive, LosslessText.FromBytes(archive.Path.Span), null);
        }

        var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var isDone = false;
        try
        {
            var (volume, branch) = await FindBranchAsync(volumes, revision, cancellationToken);
            var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
            try
            {
                await tree.CheckStoreAsync(cancellationToken);
            }
            catch
            {
                tree.Dispose();
                throw;
            }

            isDone = true;

            // What has no branch in its name follows what is checked out.
            var name = revision.Name == Revision.Head ? volume.Name : BranchTree.MountNameOf(volume, branch);
            return new LivePlace(volumes.Store, tree.Archive.Path, "", name, null, tree, (volumes, volume));
        }
        finally
        {
            if (!isDone)
                await volumes.DisposeAsync();
        }
    }

    /// <summary>Makes a copy of what the command line says, to be thrown away at the end.</summary>
    /// <param name="context">The command.</param>
    /// <param name="special">A reference to a folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is nothing of that name, or it is no folder.</exception>
    public static async Task<LivePlace> OpenForkAsync(CommandContext context, string special, CancellationToken cancellationToken)
    {
        var trees = await OpenTrees.OpenAsync(context, isReadOnly: false, cancellationToken);
        var isDone = false;
        try
        {
            var (root, path) = await trees.FindAsync(special.TrimEnd('/'), cancellationToken);
            if (root.Kind != DirentKind.Directory)
                throw new UserErrorException($"'{special}' is a {DirentText.KindOf(root.Kind)}; only a directory can be mounted");
            var fork = await Fork.MakeAsync(context, trees.Store, root with { Name = default }, cancellationToken);
            isDone = true;
            return new LivePlace(trees.Store, fork.Archive, "", null, fork, null, path.Length > 0 ? null : await FindVolumeAsync(context, trees.Store, special, cancellationToken));
        }
        finally
        {
            if (!isDone)
                await trees.DisposeAsync();
        }
    }

    /// <summary>Once the archive is open, whoever asks for another tree asks its server.</summary>
    public void LetGo() => Branch?.Dispose();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        LetGo();
        if (Fork is not null)
            await Fork.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>The volume of a reference that names one.</summary>
    public static async ValueTask<(OpenVolumes All, Vt.Volumes.Branches.Volume Volume)?> FindVolumeAsync(
        CommandContext context, IBlockStore store, string special, CancellationToken cancellationToken)
    {
        if (store is not IRefStore || VolumePlace.TryParse(context, special) is not { Volume: { } name })
            return null;
        var volumes = OpenVolumes.Of(context, store);
        return await volumes.Catalog.TryFindAsync(name, cancellationToken) is { } volume ? (volumes, volume) : null;
    }

    static async Task<(Vt.Volumes.Branches.Volume Volume, string Branch)> FindBranchAsync(OpenVolumes volumes, Revision revision, CancellationToken cancellationToken)
    {
        var volume = await volumes.FindVolumeAsync(revision.Volume, cancellationToken);
        var head = await volumes.HeadOfAsync(volume, cancellationToken);
        if (await new RevisionResolver(volume, head, TimeProvider.System).FindBranchAsync(revision, cancellationToken) is { } branch)
            return (volume, branch);
        throw new UserErrorException($"'{revision}' is no branch of {volume.Name}, and only branches are mounted for writing; say -r to mount a commit for reading");
    }
}
