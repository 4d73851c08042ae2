using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Stores.Streams.Protocol;

/// <summary>
/// Blocks on their way from a store, in the order in which they were asked for, over as many frames as it takes: the meta has the length of each
/// plus one, or 0 where it is absent; the bulk has their bytes.
/// </summary>
public static class BlockAnswer
{
    /// <summary>Makes one frame of an answer.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="leases">The blocks; together no longer than a frame's bulk. They stay the caller's.</param>
    /// <param name="isLast">Whether no frame follows.</param>
    public static Frame Make(uint id, ReadOnlySpan<BlockLease> leases, bool isLast)
    {
        using var meta = new ByteWriter(leases.Length * 4);
        var length = 0;
        foreach (ref readonly var lease in leases)
        {
            meta.WriteVarint(lease.IsPresent ? (ulong)lease.Memory.Length + 1 : 0);
            length += lease.Memory.Length;
        }

        var frame = Frame.Make(StreamVerb.Get, isLast ? FrameFlags.Reply : FrameFlags.Reply | FrameFlags.More, id, meta.Written, length);
        var room = frame.BulkRoom;
        foreach (ref readonly var lease in leases)
        {
            lease.Span.CopyTo(room);
            room = room[lease.Memory.Length..];
        }

        return frame;
    }

    /// <summary>Reads one frame of an answer.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="places">Receives where each block lies in the frame's bulk; null of an absent one.</param>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static void Read(Frame frame, List<Chunk?> places)
    {
        var reader = new ByteReader(frame.Meta);
        var offset = 0;
        while (!reader.AtEnd)
        {
            var length = reader.ReadLength(ChunkingParameters.LargestBlock + 1) - 1;
            if (length > frame.Bulk.Length - offset)
                throw new FormatInvalidException("the blocks are longer than the frame");
            places.Add(length < 0 ? null : new Chunk(offset, length));
            offset += Math.Max(0, length);
        }

        if (offset != frame.Bulk.Length)
            throw new FormatInvalidException("the blocks are shorter than the frame");
    }
}
