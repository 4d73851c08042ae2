using Vt.Blocks.Contracts;
using Vt.Hosts.StaticExport;
using Vt.Output;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;

namespace Vt.References;

/// <summary>Takes what a command line names along to where a part of a store is written.</summary>
static class SelectedThings
{
    /// <summary>Takes along a volume, or a tree under its reference's text.</summary>
    /// <param name="selection">Takes it.</param>
    /// <param name="trees">The store.</param>
    /// <param name="reference">A volume's name, or any reference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The tree; null of a volume.</returns>
    /// <exception cref="UserErrorException">There is nothing of that name, or it is neither folder nor file.</exception>
    public static async Task<Dirent?> AddAsync(StoreSelection selection, OpenTrees trees, string reference, CancellationToken cancellationToken)
    {
        if (await FindVolumeAsync(trees, reference, cancellationToken) is { } volume)
        {
            await selection.AddVolumeAsync(volume, cancellationToken);
            return null;
        }

        var (entry, _) = await trees.FindAsync(reference, cancellationToken);
        if (entry.Kind is not (DirentKind.Directory or DirentKind.File))
            throw new UserErrorException($"'{reference}' is a {DirentText.KindOf(entry.Kind)}; name folders and files");
        await selection.AddTreeAsync(entry, trees.NameOf(reference), cancellationToken);
        return entry;
    }

    /// <summary>The volume that a reference is the name of; null where it is something else.</summary>
    public static async ValueTask<Volume?> FindVolumeAsync(OpenTrees trees, string reference, CancellationToken cancellationToken) =>
        trees.Store is IRefStore ? await new VolumeCatalog(trees.Store).TryFindAsync(reference, cancellationToken) : null;

    /// <summary>Takes along all volumes, and the newest state of every archive.</summary>
    /// <exception cref="UserErrorException">The store keeps no references.</exception>
    public static async Task AddNamedAsync(StoreSelection selection, IBlockStore store, CancellationToken cancellationToken)
    {
        if (store is not IRefStore references)
            throw new UserErrorException($"{store.Description} keeps no references: name the trees that are to be written");
        await foreach (var volume in new VolumeCatalog(store).ListAsync(cancellationToken))
            await selection.AddVolumeAsync(volume, cancellationToken);
        await foreach (var name in references.ListAsync(ArchiveRegistration.Prefix, cancellationToken))
        {
            if (await references.ReadAsync(name, cancellationToken) is not { } value || ArchiveRegistration.TryParse(value) is not { } registration)
                continue;
            await selection.AddTreeAsync(registration.Root, null, cancellationToken);

            // Where it lies on this machine is nobody's business.
            selection.AddReference(name, (registration with { Path = "/" + Path.GetFileName(registration.Path) }).ToString());
        }
    }
}
