using Vt.Blocks.Encoding;

namespace Vt.Trees.Directories;

/// <summary>
/// Where nodes end. The rule sees keys and how many items the node has, nothing else, and starts afresh after each cut. So
/// the same entries always give the same nodes, and after a change the cuts soon fall where they fell before.
/// </summary>
/// <remarks>The numbers are part of the format: other ones would make other nodes of the same directory.</remarks>
static class NodeCuts
{
    /// <summary>A node is not cut before it has this many items, unless it is the last of its level.</summary>
    public const int Fewest = 32;

    /// <summary>The most items of a node: with the largest dirents it takes 512 KiB.</summary>
    public const int Most = 256;

    /// <summary>
    /// One key in 112 is an edge. With the two bounds that gives 128 items on average, and one node in eight is cut for its
    /// size alone.
    /// </summary>
    const ulong EdgeLimit = ulong.MaxValue / 112;

    /// <summary>Whether a node ends after an item.</summary>
    /// <param name="key">The item's key; of an interior item the last one below it.</param>
    /// <param name="level">The node's level, 0 for leaves.</param>
    /// <param name="count">How many items the node has with this one.</param>
    public static bool IsAfter(ReadOnlySpan<byte> key, int level, int count) =>
        count >= Most || (count >= Fewest && Mix64.Hash(key, (ulong)level) < EdgeLimit);
}
