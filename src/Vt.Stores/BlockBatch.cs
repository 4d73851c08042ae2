using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores;

/// <summary>What every store refuses in a batch of blocks, before anything of it is taken.</summary>
public static class BlockBatch
{
    /// <summary>Refuses blocks that no caller may offer.</summary>
    /// <param name="bufferLength">The length of the buffer that the blocks lie in, in bytes.</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="algorithm">The algorithm that the store names blocks by.</param>
    /// <exception cref="ArgumentException">A name is of another algorithm, or a block is longer than any may be or outside the buffer.</exception>
    public static void Check(int bufferLength, ReadOnlySpan<BlockSlot> blocks, HashAlgorithmId algorithm)
    {
        foreach (ref readonly var slot in blocks)
        {
            if (slot.Hash.Algorithm != algorithm)
            {
                throw new ArgumentException(
                    $"{slot.Hash} can't be added to a store of {HashAlgorithms.NameOf(algorithm)} hashes", nameof(blocks));
            }

            if ((uint)slot.Length > ChunkingParameters.LargestBlock)
            {
                throw new ArgumentException(
                    $"block {slot.Hash} has {slot.Length} bytes; the largest may have {ChunkingParameters.LargestBlock}", nameof(blocks));
            }

            if (slot.Offset < 0 || slot.Offset > bufferLength - slot.Length)
                throw new ArgumentException($"block {slot.Hash} lies outside its buffer of {bufferLength} bytes", nameof(blocks));
        }
    }
}
