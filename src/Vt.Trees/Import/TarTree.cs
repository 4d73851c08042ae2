using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>
/// The tree that an archive's members make. Members may come in any order and more than once, the last counts. No name leads out of the tree, nor through a
/// symbolic link.
/// </summary>
sealed class TarTree
{
    const int Deepest = 1024;

    /// <summary>The top.</summary>
    public TarNode Root { get; } = TarNode.Directory();

    /// <summary>A member's path as names from the top.</summary>
    /// <param name="path">The path as it was written.</param>
    /// <param name="fault">Why there is none; null where there is.</param>
    /// <returns>The names; none of the top itself.</returns>
    public static List<byte[]> NamesOf(ReadOnlySpan<byte> path, out string? fault)
    {
        var names = new List<byte[]>();
        fault = null;
        foreach (var range in path.Split((byte)'/'))
        {
            var name = path[range];
            if (name is [] or [(byte)'.'])
                continue;
            if (name is [(byte)'.', (byte)'.'])
                fault = "it has .. in its path";
            else if (Dirent.CheckName(name) is { } why)
                fault = $"it has a name that can't be one: {why}";
            else if (names.Count == Deepest)
                fault = $"it lies more than {Deepest} folders deep";
            if (fault is not null)
                break;
            names.Add(name.ToArray());
        }

        return names;
    }

    /// <summary>The directory that a name is in, made where no member was about it.</summary>
    /// <param name="names">The names, one at least.</param>
    /// <param name="fault">Why there is none; null where there is.</param>
    public TarNode? FindParent(List<byte[]> names, out string? fault)
    {
        fault = null;
        var node = Root;
        for (var i = 0; i + 1 < names.Count; i++)
        {
            if (!node.Children!.TryGetValue(names[i], out var next))
                node.Children.Add(names[i], next = TarNode.Directory());
            if (next.Children is null)
            {
                fault = next.Inode!.Dirent.Kind == DirentKind.Symlink ? "its path leads through a symbolic link of the archive" : "its path leads through what is no directory";
                return null;
            }

            node = next;
        }

        return node;
    }

    /// <summary>What a path names; null where no member has made it.</summary>
    public TarNode? Find(List<byte[]> names)
    {
        var node = Root;
        foreach (var name in names)
        {
            if (node.Children is null || !node.Children.TryGetValue(name, out var next))
                return null;
            node = next;
        }

        return node;
    }

    /// <summary>Puts a name into a directory; what had the name goes.</summary>
    public static void Put(TarNode parent, byte[] name, TarNode node)
    {
        var children = parent.Children!;
        if (children.Remove(name, out var old))
            old.Drop();
        children.Add(name, node);
    }
}
