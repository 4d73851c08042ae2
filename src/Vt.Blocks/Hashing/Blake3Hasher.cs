using System.Runtime.InteropServices;
using Vt.Blocks.Chunking;

namespace Vt.Blocks.Hashing;

/// <summary>
/// Names blocks by BLAKE3, plainly or under a key. Names made under a key have the same algorithm number and tell nothing to
/// whoever lacks the key; which key made them is known to the store that holds them.
/// </summary>
public sealed class Blake3Hasher : BlockHasher
{
    readonly Blake3Mode _mode;

    /// <summary>Names blocks by the plain hash.</summary>
    public Blake3Hasher()
        : this(Blake3Mode.Plain(Blake3Mode.MachineWidth))
    {
    }

    /// <summary>Names blocks by the keyed hash.</summary>
    /// <param name="key">Exactly <see cref="Blake3.KeyLength"/> bytes; copied.</param>
    /// <exception cref="ArgumentException">The key has another length.</exception>
    public Blake3Hasher(ReadOnlySpan<byte> key)
        : this(Blake3.KeyedMode(key))
    {
    }

    internal Blake3Hasher(in Blake3Mode mode) => _mode = mode;

    /// <inheritdoc/>
    public override HashAlgorithmId Algorithm => HashAlgorithmId.Blake3;

    /// <inheritdoc/>
    public override BlockHash Hash(ReadOnlySpan<byte> data)
    {
        if (data.Length <= Blake3Constants.LeafLength)
        {
            Span<byte> digest = stackalloc byte[Blake3.HashLength];
            Blake3Node.OfLeaf(in _mode.Key, data, 0, _mode.Flags).Value(Blake3Constants.Root, digest);
            return new BlockHash(HashAlgorithmId.Blake3, digest);
        }

        var chunk = new Chunk(0, data.Length);
        var hash = default(BlockHash);
        Blake3Batch.HashMany(in _mode, data, new ReadOnlySpan<Chunk>(in chunk), MemoryMarshal.CreateSpan(ref hash, 1));
        return hash;
    }

    /// <inheritdoc/>
    public override void HashMany(ReadOnlySpan<byte> buffer, ReadOnlySpan<Chunk> chunks, Span<BlockHash> hashes)
    {
        if (chunks.IsEmpty)
            return;
        if (chunks.Length == 1)
            hashes[0] = Hash(buffer.Slice(chunks[0].Offset, chunks[0].Length));
        else
            Blake3Batch.HashMany(in _mode, buffer, chunks, hashes);
    }

    /// <inheritdoc/>
    public override StreamingHash StartStreaming() => new Blake3Streaming(in _mode);
}
