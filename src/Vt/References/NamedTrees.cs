using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Hosts.StaticExport;
using Vt.Stores.References;
using Vt.Trees.Dirents;

namespace Vt.References;

/// <summary>Finds trees by references of the store whose value is a tree's text: <c>trees/NAME[/PATH]</c>, as packed and exported stores have them.</summary>
/// <param name="context">The command.</param>
/// <param name="store">The store.</param>
sealed class NamedTrees(CommandContext context, IBlockStore store)
{
    /// <summary>Finds what a reference names.</summary>
    /// <param name="text">The reference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The tree's text, with the path behind it; null where the store has no such name, or a file of that path is there.</returns>
    public async ValueTask<string?> TryFindAsync(string text, CancellationToken cancellationToken)
    {
        if (store is not IRefStore references || !text.StartsWith(StoreSelection.TreePrefix, StringComparison.Ordinal))
            return null;

        // A name may have slashes in it: the longest beginning that is one counts.
        string? found = null;
        for (var end = text.Length; end > StoreSelection.TreePrefix.Length; end = text.LastIndexOf('/', end - 1))
        {
            if (File.Exists(context.PathFromHere(text[..end])))
                return null;
            if (found is null && RefName.IsValid(text[..end]) && await references.ReadAsync(text[..end], cancellationToken) is { } value && Dirent.TryParse(value, out _))
                found = value + text[end..];
        }

        return found;
    }
}
