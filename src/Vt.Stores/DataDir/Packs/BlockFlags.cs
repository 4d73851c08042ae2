using System.Numerics;
using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Packs;

/// <summary>What the index remembers of a block beside its place: bit 0 the content kind, bits 1 to 5 how many bits its length has.</summary>
static class BlockFlags
{
    /// <summary>The flags of a block.</summary>
    public static ushort Of(BlockContent content, int length) =>
        (ushort)((content == BlockContent.Tree ? 1 : 0) | ((32 - BitOperations.LeadingZeroCount((uint)length)) << 1));

    /// <summary>What the block is for.</summary>
    public static BlockContent ContentOf(ushort flags) => (flags & 1) != 0 ? BlockContent.Tree : BlockContent.Data;

    /// <summary>How many bits the block's length has: n for lengths from 2^(n-1) to 2^n - 1, 0 for the empty block.</summary>
    public static int LengthBits(ushort flags) => (flags >> 1) & 31;
}
