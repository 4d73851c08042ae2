using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Packs;

/// <summary>The blocks of the frame that a scan found.</summary>
static class PackBlocks
{
    /// <summary>Gives each block and its place to somebody.</summary>
    /// <param name="scanner">Stands on the frame.</param>
    /// <param name="algorithm">The algorithm of the digests.</param>
    /// <param name="slot">What places say of the pack.</param>
    /// <param name="into">Handed to <paramref name="take"/>, so that it needs no closure.</param>
    /// <param name="take">Receives the blocks.</param>
    /// <returns>How many.</returns>
    public static int ForEach<T>(PackScanner scanner, HashAlgorithmId algorithm, uint slot, T into, Action<T, BlockHash, BlockLocation> take)
    {
        var (offset, header) = scanner.Frame;
        if (header.Codec == FrameCodec.Filler)
            return 0;
        for (var i = 0; i < header.Blocks; i++)
        {
            var block = FrameBlock.Read(FrameHeader.Row(scanner.Header, i), algorithm);
            take(into, block.Hash, BlockLocation.At(slot, offset, (int)header.Length, i, BlockFlags.Of(block.Content, block.Length)));
        }

        return header.Blocks;
    }
}
