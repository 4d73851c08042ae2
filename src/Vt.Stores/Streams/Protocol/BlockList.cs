using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Streams.Protocol;

/// <summary>Blocks on their way to a store: the meta has how many, and the digest, length and content of each; the bulk has their bytes one behind another.</summary>
public static class BlockList
{
    /// <summary>Makes a request.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="buffer">What the blocks lie in.</param>
    /// <param name="blocks">The blocks, all of one algorithm; together no longer than a frame's bulk.</param>
    public static Frame Make(uint id, ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> blocks)
    {
        using var meta = new ByteWriter(blocks.Length * 40);
        meta.WriteVarint((ulong)blocks.Length);
        var length = 0;
        foreach (ref readonly var slot in blocks)
        {
            meta.WriteBytes(slot.Hash.Digest);
            meta.WriteVarint((ulong)slot.Length);
            meta.WriteByte((byte)slot.Content);
            length += slot.Length;
        }

        var frame = Frame.Make(StreamVerb.Add, FrameFlags.None, id, meta.Written, length);
        var room = frame.BulkRoom;
        foreach (ref readonly var slot in blocks)
        {
            buffer.Slice(slot.Offset, slot.Length).CopyTo(room);
            room = room[slot.Length..];
        }

        return frame;
    }

    /// <summary>Reads a request.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="algorithm">The names' algorithm.</param>
    /// <returns>The blocks, whose places are those in the frame's bulk.</returns>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static BlockSlot[] Read(Frame frame, HashAlgorithmId algorithm)
    {
        var reader = new ByteReader(frame.Meta);
        var slots = new BlockSlot[reader.ReadLength(StreamLimits.MostNames)];
        var digest = HashAlgorithms.DigestLength(algorithm);
        var offset = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            var hash = new BlockHash(algorithm, reader.ReadBytes(digest));
            var length = reader.ReadLength(ChunkingParameters.LargestBlock);
            var content = (BlockContent)reader.ReadByte();
            if (content is not (BlockContent.Data or BlockContent.Tree))
                throw new FormatInvalidException($"a block is for {(int)content}, which is not known");
            if (length > frame.Bulk.Length - offset)
                throw new FormatInvalidException("the blocks are longer than the frame");
            slots[i] = new BlockSlot(hash, offset, length, content);
            offset += length;
        }

        return offset == frame.Bulk.Length ? slots : throw new FormatInvalidException("the blocks are shorter than the frame");
    }

    /// <summary>The first block whose bytes are not those that its name stands for; negative where all are.</summary>
    /// <param name="hasher">Makes names.</param>
    /// <param name="bulk">The bytes.</param>
    /// <param name="slots">The blocks in them.</param>
    public static int FindGarbled(BlockHasher hasher, ReadOnlySpan<byte> bulk, ReadOnlySpan<BlockSlot> slots)
    {
        var chunks = new Chunk[slots.Length];
        for (var i = 0; i < slots.Length; i++)
            chunks[i] = new Chunk(slots[i].Offset, slots[i].Length);
        var hashes = new BlockHash[slots.Length];
        hasher.HashMany(bulk, chunks, hashes);
        for (var i = 0; i < slots.Length; i++)
        {
            if (hashes[i] != slots[i].Hash)
                return i;
        }

        return -1;
    }
}
