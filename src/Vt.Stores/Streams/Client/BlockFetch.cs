using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Client;

/// <summary>Makes leases of an answer's frames, each block of which is checked against its name before that.</summary>
static class BlockFetch
{
    /// <summary>Reads an answer.</summary>
    /// <param name="answer">The answer; it stays the caller's, whose frames live on while there are leases.</param>
    /// <param name="hasher">Makes names.</param>
    /// <param name="hashes">What was asked for.</param>
    /// <param name="leases">Receives a lease for each.</param>
    /// <returns>The first block that did not arrive as it was sent; negative where all did. Then no lease was made.</returns>
    /// <exception cref="FormatInvalidException">The answer is of another form.</exception>
    public static int Read(Answer answer, BlockHasher hasher, ReadOnlySpan<BlockHash> hashes, Span<BlockLease> leases)
    {
        var places = new List<Chunk?>(hashes.Length);
        var made = 0;
        foreach (var frame in answer.Frames)
        {
            places.Clear();
            BlockAnswer.Read(frame, places);
            if (places.Count > hashes.Length - made)
                throw Drop(leases[..made], new FormatInvalidException($"more blocks than the {hashes.Length} that were asked for"));
            if (FindGarbled(hasher, frame, places, hashes.Slice(made, places.Count)) is var garbled and >= 0)
            {
                Drop(leases[..made], null);
                return made + garbled;
            }

            foreach (var place in places)
                leases[made++] = place is { } here ? Lend(frame, here) : default;
        }

        return made == hashes.Length ? -1 : throw Drop(leases[..made], new FormatInvalidException($"{made} blocks where {hashes.Length} were asked for"));
    }

    static BlockLease Lend(Frame frame, Chunk place)
    {
        frame.Hold();
        return new BlockLease(frame.Bulk.Slice(place.Offset, place.Length), frame);
    }

    static int FindGarbled(BlockHasher hasher, Frame frame, List<Chunk?> places, ReadOnlySpan<BlockHash> hashes)
    {
        var slots = new List<BlockSlot>(places.Count);
        var numbers = new List<int>(places.Count);
        for (var i = 0; i < places.Count; i++)
        {
            if (places[i] is not { } place)
                continue;
            slots.Add(new BlockSlot(hashes[i], place.Offset, place.Length));
            numbers.Add(i);
        }

        var garbled = BlockList.FindGarbled(hasher, frame.Bulk.Span, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(slots));
        return garbled < 0 ? -1 : numbers[garbled];
    }

    static FormatInvalidException Drop(Span<BlockLease> leases, FormatInvalidException? fault)
    {
        foreach (ref var lease in leases)
        {
            lease.Dispose();
            lease = default;
        }

        return fault!;
    }
}
