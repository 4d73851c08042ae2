using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Versions;

namespace Vt.References;

/// <summary>
/// Finds what a URI names. A text in it says it all; a name is looked up in the store that the URI names, or else in the one that is read, and never among files
/// or what is current on this machine.
/// </summary>
/// <param name="context">The command.</param>
/// <param name="store">The store that is read, with those behind it that URIs name.</param>
/// <param name="volumes">Its volumes.</param>
sealed class UriResolver(CommandContext context, IBlockStore store, VolumeTrees volumes)
{
    /// <summary>The text of the tree that is meant, with the path behind it.</summary>
    /// <exception cref="UserErrorException">There is nothing of that name.</exception>
    public async ValueTask<string> TextOfAsync(VtUri uri, CancellationToken cancellationToken)
    {
        var root = uri.Reference is [_, '{', ..] ? uri.Reference
            : uri.Authority.Length > 0 ? await FindElsewhereAsync(uri, cancellationToken)
            : await FindAsync(uri, store, volumes, cancellationToken);
        var path = string.Join('/', uri.Path.Select(static name => LosslessText.FromBytes(name)));
        return path.Length > 0 || uri.IsFolder ? $"{root}/{path}" : root;
    }

    async ValueTask<string> FindElsewhereAsync(VtUri uri, CancellationToken cancellationToken)
    {
        await using var other = await context.OpenStoreAsync(UriAuthority.StoreOf(uri.Authority, context.Configuration), isReadOnly: true, cancellationToken);
        return await FindAsync(uri, other, new VolumeTrees(context, other), cancellationToken);
    }

    async ValueTask<string> FindAsync(VtUri uri, IBlockStore named, VolumeTrees its, CancellationToken cancellationToken) =>
        await its.TryFindNamedAsync(uri.Reference, cancellationToken)
        ?? await new NamedTrees(context, named).TryFindNamedAsync(uri.Reference, cancellationToken)
        ?? throw new UserErrorException($"{uri}: {named.Description} has no volume and no tree '{uri.Reference}'");
}
