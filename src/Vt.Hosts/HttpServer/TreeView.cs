using Vt.Trees.Dirents;

namespace Vt.Hosts.HttpServer;

/// <summary>A tree at an address.</summary>
/// <param name="Root">The tree, with its inode table.</param>
/// <param name="First">Which part of the request's path is the first below the root.</param>
/// <param name="IsImmutable">Whether the address will never stand for another tree.</param>
/// <param name="Crumbs">Where the root is, itself included.</param>
sealed record TreeView(Dirent Root, int First, bool IsImmutable, IReadOnlyList<(string? Url, string Label)> Crumbs)
{
    /// <summary>Writes what is to be known of the tree, above its top folder; null for nothing.</summary>
    public Action<HtmlPage>? Banner { get; init; }

    /// <summary>What a download of the whole is called.</summary>
    public string Name { get; init; } = "tree";
}
