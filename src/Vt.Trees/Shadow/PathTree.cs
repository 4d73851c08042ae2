using System.Text;

namespace Vt.Trees.Shadow;

/// <summary>Paths of a tree, in the tree's order. Names are Latin-1 text, whose ordinal order is that of the bytes.</summary>
public sealed class PathTree
{
    /// <summary>The names below that are, or lead to, paths of this set.</summary>
    public SortedDictionary<string, PathTree> Below { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether this path itself is one of the set.</summary>
    public bool IsMarked { get; private set; }

    /// <summary>Whether no path is.</summary>
    public bool IsEmpty => !IsMarked && Below.Count == 0;

    /// <summary>Adds a path, names with slashes between; empty for the root.</summary>
    public void Mark(string path)
    {
        var at = this;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!at.Below.TryGetValue(name, out var below))
                at.Below.Add(name, below = new PathTree());
            at = below;
        }

        at.IsMarked = true;
    }

    /// <summary>Every path of the set, as bytes, a folder before what is in it.</summary>
    public IEnumerable<byte[]> Paths() => Paths("").Select(Encoding.Latin1.GetBytes);

    IEnumerable<string> Paths(string path)
    {
        if (IsMarked)
            yield return path;
        foreach (var (name, below) in Below)
        {
            foreach (var inner in below.Paths(path.Length == 0 ? name : $"{path}/{name}"))
                yield return inner;
        }
    }
}
