using Vt.Trees.Dirents;

namespace Vt.Trees.Merge;

/// <summary>What is to become of a name in a directory of ours, and of those below it. Names are Latin-1 text, whose ordinal order is that of the bytes.</summary>
sealed class MergePlan
{
    /// <summary>The names below that change.</summary>
    public SortedDictionary<string, MergePlan> Below { get; } = new(StringComparer.Ordinal);

    /// <summary>What is to be there; null where what is there stays, but for what is below. Of a hard link the inode.</summary>
    public Dirent? Put { get; set; }

    /// <summary>Whether <see cref="Put"/> is a directory that comes as it is in their tree, with all below it.</summary>
    public bool IsWhole { get; set; }

    /// <summary>Whether <see cref="Put"/> was merged of both sides: of several names of an inode it counts.</summary>
    public bool IsMerged { get; set; }

    /// <summary>Whether what goes from this name, or what comes to it whole, is the same directory: the hard links in it stay as many.</summary>
    public bool IsMoved { get; set; }

    /// <summary>Whether the name goes.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>The plan of a name below, made if there is none.</summary>
    public MergePlan At(string name)
    {
        if (!Below.TryGetValue(name, out var plan))
            Below.Add(name, plan = new MergePlan());
        return plan;
    }
}
