using Vt.Blocks.Encoding;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Where a sequence of child references is cut into nodes. It depends on nothing but the children since the last cut, so an
/// edit changes the nodes around it and no others: 32 to 512 children, 128 on average.
/// </summary>
static class NodeCutRule
{
    /// <summary>No node but the last of its level has fewer children.</summary>
    public const int Minimum = 32;

    // A cut after each child from the 32nd on with this chance gives nodes of 128 children on average: 31 + 1/p, less the
    // little that the maximum takes off.
    const ulong Threshold = ulong.MaxValue / 97;

    /// <summary>Whether a node ends behind a child.</summary>
    /// <param name="count">How many children the node has, this one included.</param>
    /// <param name="encodedChild">The child's binary form.</param>
    public static bool EndsBehind(int count, ReadOnlySpan<byte> encodedChild) =>
        count >= Minimum && (count >= IndirectNode.MostChildren || Mix64.Hash(encodedChild) < Threshold);
}
