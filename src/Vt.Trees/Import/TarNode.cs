using Vt.Trees.Meta;

namespace Vt.Trees.Import;

/// <summary>A name of an archive's tree, as it is when all members have come. Memory: some 300 bytes for each, and what its metadata takes.</summary>
sealed class TarNode
{
    static readonly Comparer<byte[]> _byBytes = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));

    /// <summary>Of a directory, what is in it, in the order of names; null of anything else.</summary>
    public SortedDictionary<byte[], TarNode>? Children { get; private set; }

    /// <summary>Of a directory that a member was about, its metadata.</summary>
    public Metadata? Metadata { get; set; }

    /// <summary>Of anything but a directory, the inode.</summary>
    public TarInode? Inode { get; private set; }

    /// <summary>An empty directory.</summary>
    public static TarNode Directory() => new() { Children = new SortedDictionary<byte[], TarNode>(_byBytes) };

    /// <summary>A name of an inode.</summary>
    public static TarNode Of(TarInode inode) => new() { Inode = inode };

    /// <summary>Tells the inodes below that these names of theirs are gone.</summary>
    public void Drop()
    {
        if (Inode is not null)
            Inode.Names--;
        foreach (var child in Children?.Values ?? (IEnumerable<TarNode>)[])
            child.Drop();
    }
}
