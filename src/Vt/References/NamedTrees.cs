using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Hosts.StaticExport;
using Vt.Stores.References;
using Vt.Trees.Dirents;

namespace Vt.References;

/// <summary>Finds trees by references of the store whose value is a tree's text: <c>trees/NAME[/PATH]</c>, as packed and exported stores have them, and what was published.</summary>
/// <param name="context">The command.</param>
/// <param name="store">The store.</param>
sealed class NamedTrees(CommandContext context, IBlockStore store)
{
    static readonly string[] _prefixes = [StoreSelection.TreePrefix, PublishedTree.Prefix];

    /// <summary>Finds what a reference names.</summary>
    /// <param name="text">The reference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The tree's text, with the path behind it; null where the store has no such name, or a file of that path is there.</returns>
    public async ValueTask<string?> TryFindAsync(string text, CancellationToken cancellationToken)
    {
        for (var end = text.IndexOf('/', StringComparison.Ordinal); end >= 0; end = end < text.Length ? NextEnd(text, end + 1) : -1)
        {
            if (File.Exists(context.PathFromHere(text[..end])))
                return null;
        }

        return await TryFindNamedAsync(text, cancellationToken);
    }

    /// <summary>The same, whatever files there are.</summary>
    public async ValueTask<string?> TryFindNamedAsync(string text, CancellationToken cancellationToken)
    {
        if (store is not IRefStore references || Array.Find(_prefixes, prefix => text.StartsWith(prefix, StringComparison.Ordinal)) is not { } prefix)
            return null;

        // A name may have slashes in it: the longest beginning that is one counts.
        for (var end = text.Length; end > prefix.Length; end = text.LastIndexOf('/', end - 1))
        {
            if (RefName.IsValid(text.AsSpan(0, end)) && await references.ReadAsync(text[..end], cancellationToken) is { } value && Dirent.TryParse(value, out _))
                return value + text[end..];
        }

        return null;
    }

    static int NextEnd(string text, int start) => text.IndexOf('/', start) is var slash && slash < 0 ? text.Length : slash;
}
