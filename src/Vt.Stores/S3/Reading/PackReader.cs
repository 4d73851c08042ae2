using System.Buffers;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Reading;
using Vt.Stores.S3.Index;

namespace Vt.Stores.S3.Reading;

/// <summary>
/// Reads blocks and checks each against its name, once as long as its frame stays in memory. Many at once are read in a few requests: frames that lie near each other in a pack come together,
/// and several requests are under way. Thread-safe.
/// </summary>
/// <param name="store">The store's description.</param>
/// <param name="hasher">Names blocks.</param>
/// <param name="finder">Finds them.</param>
/// <param name="index">Names packs.</param>
/// <param name="ranges">Parts of packs.</param>
/// <param name="frames">Frames.</param>
sealed class PackReader(string store, BlockHasher hasher, BlockFinder finder, S3Index index, RangeCache ranges, FrameStore frames)
{
    // What lies between two frames may be as long as this and still be read along: that takes less time than another request.
    const int LargestGap = 128 << 10;

    // How far parts are asked for ahead of the block that is being checked, in bytes.
    const long Ahead = 16 << 20;

    const int MostMoves = 4;

    /// <summary>Reads one block.</summary>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken)
    {
        var place = await FindAsync(hash, isFresh: true, cancellationToken);
        return place.IsNone ? default : await ReadAsync(hash, place, cancellationToken);
    }

    /// <summary>Reads many blocks.</summary>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken)
    {
        var locations = ArrayPool<BlockLocation>.Shared.Rent(hashes.Length);
        var order = ArrayPool<int>.Shared.Rent(hashes.Length);
        blocks.Span[..hashes.Length].Clear();
        try
        {
            Array.Clear(locations, 0, hashes.Length);
            await finder.FindFreshAsync(hashes, locations.AsMemory(0, hashes.Length), isForUse: false, cancellationToken);
            var count = 0;
            for (var i = 0; i < hashes.Length; i++)
            {
                if (!locations[i].IsNone)
                    order[count++] = i;
            }

            order.AsSpan(0, count).Sort(new ByPlace(locations));
            await ReadAllAsync(hashes, blocks, locations, order.AsMemory(0, count), cancellationToken);
        }
        catch
        {
            foreach (var lease in blocks.Span[..hashes.Length])
                lease.Dispose();
            blocks.Span[..hashes.Length].Clear();
            throw;
        }
        finally
        {
            ArrayPool<BlockLocation>.Shared.Return(locations);
            ArrayPool<int>.Shared.Return(order);
        }
    }

    async ValueTask ReadAllAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, BlockLocation[] locations, ReadOnlyMemory<int> order, CancellationToken cancellationToken)
    {
        var asked = 0;
        var ahead = 0L;
        for (var at = 0; at < order.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (asked < order.Length && ahead < Ahead)
                asked = AskExtent(locations, order.Span, asked, ref ahead);
            var end = at + 1;
            while (end < order.Length && IsSameFrame(locations[order.Span[at]], locations[order.Span[end]]))
                end++;
            await ReadFrameAsync(hashes, blocks, locations, order[at..end], cancellationToken);
            ahead -= locations[order.Span[at]].Length;
            at = end;
        }
    }

    /// <summary>Asks for as many frames at once as lie near each other.</summary>
    /// <returns>The first block that is not among them.</returns>
    int AskExtent(BlockLocation[] locations, ReadOnlySpan<int> order, int from, ref long ahead)
    {
        ref readonly var first = ref locations[order[from]];
        var end = first.Offset + first.Length;
        var next = from + 1;
        var isWanted = !frames.Has(first);
        ahead += first.Length;
        for (; next < order.Length; next++)
        {
            ref readonly var place = ref locations[order[next]];
            if (IsSameFrame(place, locations[order[next - 1]]))
                continue;
            if (place.Pack != first.Pack || place.Offset - end > LargestGap || place.Offset + place.Length - first.Offset > RangeCache.LongestPart)
                break;
            end = Math.Max(end, place.Offset + place.Length);
            isWanted |= !frames.Has(place);
            ahead += place.Length;
        }

        // A single frame is left to its reader, who knows whether it is one of a sequence; so are packs in memory.
        if (isWanted && end - first.Offset > first.Length && !frames.IsInMemory(first))
            ranges.Ensure(first.Pack, first.Offset, (int)(end - first.Offset));
        return next;
    }

    static bool IsSameFrame(in BlockLocation a, in BlockLocation b) => a.Pack == b.Pack && a.OffsetUnits == b.OffsetUnits;

    async ValueTask ReadFrameAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, BlockLocation[] locations, ReadOnlyMemory<int> order, CancellationToken cancellationToken)
    {
        if (order.Length > 1 && await TryReadTogetherAsync(hashes, blocks, locations, order, cancellationToken))
            return;
        for (var i = 0; i < order.Length; i++)
        {
            var at = order.Span[i];
            var lease = await ReadAsync(hashes.Span[at], locations[at], cancellationToken);
            blocks.Span[at] = lease;
        }
    }

    /// <summary>Reads several blocks of one frame and checks them in one go.</summary>
    /// <returns>False where something is wrong: then they are read one by one, to say what.</returns>
    async ValueTask<bool> TryReadTogetherAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, BlockLocation[] locations, ReadOnlyMemory<int> order, CancellationToken cancellationToken)
    {
        CachedFrame? frame;
        try
        {
            frame = await frames.GetAsync(locations[order.Span[0]], cancellationToken);
        }
        catch (FormatInvalidException)
        {
            return false;
        }

        if (frame is null)
            return false;
        try
        {
            if (!Verify(frame, hashes.Span, locations, order.Span))
                return false;
            foreach (var at in order.Span)
            {
                frame.Acquire();
                blocks.Span[at] = new BlockLease(frame.Memory(locations[at].Ordinal), frame);
            }

            return true;
        }
        finally
        {
            frame.Release();
        }
    }

    bool Verify(CachedFrame frame, ReadOnlySpan<BlockHash> hashes, BlockLocation[] locations, ReadOnlySpan<int> order)
    {
        const int Batch = 64;
        Span<Chunk> chunks = stackalloc Chunk[Batch];
        Span<BlockHash> names = stackalloc BlockHash[Batch];
        Span<int> checking = stackalloc int[Batch];
        var count = 0;
        for (var i = 0; i <= order.Length; i++)
        {
            if (count == Batch || (i == order.Length && count > 0))
            {
                hasher.HashMany(frame.Buffer, chunks[..count], names);
                for (var k = 0; k < count; k++)
                {
                    if (names[k] != hashes[checking[k]])
                        return false;
                    frame.SetVerified(locations[checking[k]].Ordinal);
                }

                count = 0;
            }

            if (i == order.Length)
                break;
            var ordinal = locations[order[i]].Ordinal;
            if (!frame.IsOf(ordinal, hashes[order[i]]))
                return false;
            if (frame.IsVerified(ordinal))
                continue;
            chunks[count] = frame.ChunkOf(ordinal);
            checking[count++] = order[i];
        }

        return true;
    }

    async ValueTask<BlockLocation> FindAsync(BlockHash hash, bool isFresh, CancellationToken cancellationToken)
    {
        var (hashes, places) = (new[] { hash }, new BlockLocation[1]);
        _ = isFresh
            ? await finder.FindFreshAsync(hashes, places, isForUse: false, cancellationToken)
            : await finder.FindAsync(hashes, places, isForUse: false, cancellationToken);
        return places[0];
    }

    /// <summary>Reads a block from a place, and where that is wrong from wherever else it may be.</summary>
    async ValueTask<BlockLease> ReadAsync(BlockHash hash, BlockLocation place, CancellationToken cancellationToken)
    {
        BlockCorruptException? damage = null;
        for (var i = 0; i < MostMoves; i++)
        {
            try
            {
                return await ReadCopyAsync(hash, place, isFresh: false, cancellationToken);
            }
            catch (BlockCorruptException fault)
            {
                damage ??= fault;
            }

            // It may have gone from a pack in memory to another one between the lookup and the read.
            var now = await FindAsync(hash, isFresh: false, cancellationToken);
            if (now.IsNone || (IsSameFrame(now, place) && now.Ordinal == place.Ordinal))
                break;
            place = now;
        }

        return await ReadOtherCopyAsync(hash, place, damage!, cancellationToken);
    }

    async ValueTask<BlockLease> ReadOtherCopyAsync(BlockHash hash, BlockLocation place, BlockCorruptException damage, CancellationToken cancellationToken)
    {
        // Bytes may have been damaged on their way: what the server gives once more decides. Then the other copies.
        await index.RefreshAsync(long.MaxValue, cancellationToken);
        foreach (var other in (BlockLocation[])[place, .. await finder.FindAllAsync(hash, cancellationToken)])
        {
            try
            {
                return await ReadCopyAsync(hash, other, isFresh: true, cancellationToken);
            }
            catch (BlockCorruptException)
            {
                // The first copy's fault is the one to report.
            }
        }

        finder.NoteDamage(hash);
        throw damage;
    }

    async ValueTask<BlockLease> ReadCopyAsync(BlockHash hash, BlockLocation place, bool isFresh, CancellationToken cancellationToken)
    {
        var where = S3Layout.Pack(index.PackAt(place.Pack));
        CachedFrame? frame;
        try
        {
            frame = isFresh ? await frames.GetFreshAsync(place, cancellationToken) : await frames.GetAsync(place, cancellationToken);
        }
        catch (FormatInvalidException fault)
        {
            throw new BlockCorruptException(hash, $"{store} {fault.File} at {fault.Offset}", fault.What, fault);
        }

        if (frame is null)
            throw new BlockCorruptException(hash, $"{store} {where}", "the pack is missing");
        var wrong = default(string);
        if (!frame.IsOf(place.Ordinal, hash))
        {
            wrong = $"the frame's block {place.Ordinal} is another one";
        }
        else if (!frame.IsVerified(place.Ordinal))
        {
            var name = hasher.Hash(frame.Memory(place.Ordinal).Span);
            if (name == hash)
                frame.SetVerified(place.Ordinal);
            else
                wrong = $"its bytes hash to {name}";
        }

        if (wrong is null)
            return new BlockLease(frame.Memory(place.Ordinal), frame);
        frame.Release();
        throw new BlockCorruptException(hash, $"{store} {where} at {place.Offset}", wrong);
    }

    readonly struct ByPlace(BlockLocation[] locations) : IComparer<int>
    {
        public int Compare(int x, int y)
        {
            ref readonly var a = ref locations[x];
            ref readonly var b = ref locations[y];
            var byPack = a.Pack.CompareTo(b.Pack);
            if (byPack != 0)
                return byPack;
            var byOffset = a.OffsetUnits.CompareTo(b.OffsetUnits);
            return byOffset != 0 ? byOffset : a.Ordinal.CompareTo(b.Ordinal);
        }
    }
}
