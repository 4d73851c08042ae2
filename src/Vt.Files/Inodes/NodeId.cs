namespace Vt.Files.Inodes;

/// <summary>
/// Names an inode for as long as somebody holds a lookup on it. 1 is the root. In a tree for reading every other one is a place in a directory that
/// somebody looked into: the directory's number above, the entry's position below. So the server keeps something for each
/// directory in use and nothing for each file, however many of them the kernel remembers. In a live tree it is the inode number.
/// </summary>
/// <param name="Value">The number, never 0.</param>
public readonly record struct NodeId(ulong Value)
{
    /// <summary>The root directory.</summary>
    public static NodeId Root => new(1);

    internal uint Directory => (uint)(Value >> 32);

    internal long Position => (uint)Value;

    internal static NodeId At(uint directory, long position) => new(((ulong)directory << 32) | checked((uint)position));
}
