namespace Vt.Files.Inodes;

/// <summary>
/// Names an inode for as long as somebody holds a lookup on it. 1 is the root; the others are handed out by the file system
/// and may name something else once every lookup was forgotten.
/// </summary>
/// <param name="Value">The number, never 0.</param>
public readonly record struct NodeId(ulong Value)
{
    const int OrdinalBits = 16;

    /// <summary>The most entries that one group of nodes may have.</summary>
    public const int LargestGroup = 1 << OrdinalBits;

    /// <summary>The root directory.</summary>
    public static NodeId Root => new(1);

    internal int Group => (int)(Value >> OrdinalBits);

    internal int Ordinal => (int)(Value & (LargestGroup - 1));

    internal static NodeId Of(int group, int ordinal) => new(((ulong)(uint)group << OrdinalBits) | (uint)ordinal);
}
