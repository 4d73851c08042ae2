using Vt.Blocks.Chunking;

namespace Vt.Blocks.Hashing;

/// <summary>Makes block names with one algorithm. Stateless and safe from any thread.</summary>
public abstract class BlockHasher
{
    /// <summary>The algorithm that this hasher computes.</summary>
    public abstract HashAlgorithmId Algorithm { get; }

    /// <summary>Names one block.</summary>
    /// <param name="data">The block's bytes; borrowed for the call.</param>
    public abstract BlockHash Hash(ReadOnlySpan<byte> data);

    /// <summary>Names many blocks that lie in one buffer; the way to hash in hot paths.</summary>
    /// <param name="buffer">The bytes that the chunks index; borrowed for the call.</param>
    /// <param name="chunks">Where each block lies. Chunks may overlap and need no order.</param>
    /// <param name="hashes">Receives a name for each chunk; at least as long as <paramref name="chunks"/>.</param>
    public virtual void HashMany(ReadOnlySpan<byte> buffer, ReadOnlySpan<Chunk> chunks, Span<BlockHash> hashes)
    {
        for (var i = 0; i < chunks.Length; i++)
            hashes[i] = Hash(buffer.Slice(chunks[i].Offset, chunks[i].Length));
    }

    /// <summary>Starts a hash over data that arrives in pieces.</summary>
    public abstract StreamingHash StartStreaming();
}
