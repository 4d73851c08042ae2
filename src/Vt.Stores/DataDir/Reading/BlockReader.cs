using System.Buffers;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir.Reading;

/// <summary>
/// Reads blocks and checks each against its name, once as long as its frame stays in the cache. Where one copy proves damaged, others are
/// tried; a block that has no sound copy is remembered. Thread-safe.
/// </summary>
/// <param name="store">The store's description.</param>
/// <param name="hasher">Names blocks.</param>
/// <param name="finder">Finds them.</param>
/// <param name="index">The index.</param>
/// <param name="registry">The packs.</param>
/// <param name="cache">The frames.</param>
/// <param name="loader">Reads frames past the cache.</param>
/// <param name="damaged">Where damaged blocks are remembered.</param>
sealed class BlockReader(
    string store,
    BlockHasher hasher,
    BlockFinder finder,
    BlockIndex index,
    PackRegistry registry,
    FrameCache cache,
    FrameLoader loader,
    DamagedList damaged)
{
    /// <summary>Reads one block.</summary>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken)
    {
        var location = Find(hash, cancellationToken);
        return location.IsNone ? default : await ReadAsync(hash, location, cancellationToken);
    }

    /// <summary>Reads many blocks, each frame once.</summary>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken)
    {
        var locations = ArrayPool<BlockLocation>.Shared.Rent(hashes.Length);
        var order = ArrayPool<int>.Shared.Rent(hashes.Length);
        blocks.Span[..hashes.Length].Clear();
        try
        {
            var count = FindAll(hashes.Span, locations, order, cancellationToken);
            for (var at = 0; at < count;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var end = FrameEnd(locations, order, at, count);
                await ReadFrameAsync(hashes, blocks, locations, order.AsMemory(at, end - at), cancellationToken);
                at = end;
            }
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

    /// <summary>Reads every copy of a block from the disk, whatever the cache has, and remembers the block as damaged where none is sound.</summary>
    /// <returns>Whether it is damaged. False of one that is absent, or that another process is writing.</returns>
    /// <exception cref="StoreUnavailableException">A pack can't be read.</exception>
    public bool NoteDamage(BlockHash hash, CancellationToken cancellationToken)
    {
        registry.Refresh(cancellationToken);
        if (!TryReadFresh(hash, out var lease, out var damage, cancellationToken))
            return false;
        lease.Dispose();
        if (damage is null)
            return false;
        damaged.Add(hash, damage.Where);
        return true;
    }

    BlockLocation Find(in BlockHash hash, CancellationToken cancellationToken)
    {
        var location = default(BlockLocation);
        var learnt = registry.Learnt;
        finder.FindAny(new ReadOnlySpan<BlockHash>(in hash), new Span<BlockLocation>(ref location));
        if (location.IsNone && registry.Refresh(learnt, cancellationToken))
            finder.FindAny(new ReadOnlySpan<BlockHash>(in hash), new Span<BlockLocation>(ref location));
        return location;
    }

    /// <summary>Finds blocks and orders those that are there by place.</summary>
    /// <returns>How many are there.</returns>
    int FindAll(ReadOnlySpan<BlockHash> hashes, BlockLocation[] locations, int[] order, CancellationToken cancellationToken)
    {
        var found = locations.AsSpan(0, hashes.Length);
        found.Clear();
        var learnt = registry.Learnt;
        finder.FindAny(hashes, found);
        if (CountNone(found) > 0 && registry.Refresh(learnt, cancellationToken))
            finder.FindAny(hashes, found);
        var count = 0;
        for (var i = 0; i < found.Length; i++)
        {
            if (!found[i].IsNone)
                order[count++] = i;
        }

        order.AsSpan(0, count).Sort(new ByPlace(locations));
        return count;
    }

    static int CountNone(ReadOnlySpan<BlockLocation> locations)
    {
        var none = 0;
        foreach (ref readonly var location in locations)
            none += location.IsNone ? 1 : 0;
        return none;
    }

    static int FrameEnd(BlockLocation[] locations, int[] order, int at, int count)
    {
        var end = at + 1;
        while (end < count && locations[order[end]].Pack == locations[order[at]].Pack && locations[order[end]].OffsetUnits == locations[order[at]].OffsetUnits)
            end++;
        return end;
    }

    async ValueTask ReadFrameAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, BlockLocation[] locations, ReadOnlyMemory<int> order, CancellationToken cancellationToken)
    {
        if (order.Length > 1 && await TryReadTogetherAsync(hashes, blocks, locations, order, cancellationToken))
            return;
        for (var i = 0; i < order.Length; i++)
        {
            var at = order.Span[i];
            if (blocks.Span[at].IsPresent)
                continue;
            var lease = await ReadAsync(hashes.Span[at], locations[at], cancellationToken);
            blocks.Span[at] = lease;
        }
    }

    /// <summary>Reads several blocks of one frame and checks them in one go.</summary>
    /// <returns>False where something is wrong: then they are read one by one, to say what.</returns>
    async ValueTask<bool> TryReadTogetherAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, BlockLocation[] locations, ReadOnlyMemory<int> order, CancellationToken cancellationToken)
    {
        CachedFrame frame;
        var first = locations[order.Span[0]];
        try
        {
            frame = await cache.GetAsync(index.PackAt(first.Pack), first, FrameCache.AllBlocks, cancellationToken);
        }
        catch (FormatInvalidException)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }

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

    async ValueTask<BlockLease> ReadAsync(BlockHash hash, BlockLocation location, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadCopyAsync(hash, location, cancellationToken);
        }
        catch (BlockCorruptException damage)
        {
            return await ReadOtherCopyAsync(hash, location, damage, cancellationToken);
        }
    }

    async ValueTask<BlockLease> ReadOtherCopyAsync(
        BlockHash hash, BlockLocation tried, BlockCorruptException damage, CancellationToken cancellationToken)
    {
        // Packs may have been closed, moved or repaired by another process meanwhile.
        registry.Refresh(cancellationToken);
        var now = Find(hash, cancellationToken);
        foreach (var other in (IEnumerable<BlockLocation>)[now, .. index.FindAll(hash)])
        {
            if (other.IsNone || (other.Pack == tried.Pack && other.OffsetUnits == tried.OffsetUnits))
                continue;
            try
            {
                return await ReadCopyAsync(hash, other, cancellationToken);
            }
            catch (BlockCorruptException)
            {
                // The first copy's fault is the one to report.
            }
        }

        // What is cached may have gone bad in memory: only what the disk gives once more is damage.
        if (damaged.Contains(hash) || !TryReadFresh(hash, out var lease, out var proof, cancellationToken))
            throw damage;
        if (lease.IsPresent)
            return lease;
        damaged.Add(hash, (proof ?? damage).Where);
        throw damage;
    }

    /// <summary>Reads the copies of a block from the disk until one is sound.</summary>
    /// <param name="hash">The block.</param>
    /// <param name="lease">The block, where a copy is sound.</param>
    /// <param name="damage">What is wrong with the first copy, where none is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where nothing can be said: the block is absent, or in a pack that another process is writing.</returns>
    bool TryReadFresh(BlockHash hash, out BlockLease lease, out BlockCorruptException? damage, CancellationToken cancellationToken)
    {
        lease = default;
        damage = null;
        foreach (var place in (IEnumerable<BlockLocation>)[Find(hash, cancellationToken), .. index.FindAll(hash)])
        {
            if (place.IsNone)
                continue;
            if (registry.ForeignSlots.Contains(place.Pack))
            {
                damage = null;
                return false;
            }

            var pack = index.PackAt(place.Pack);
            try
            {
                lease = Lease(hash, place, Load(hash, place, pack), pack);
                damage = null;
                return true;
            }
            catch (BlockCorruptException fault)
            {
                damage ??= fault;
            }
        }

        return damage is not null;
    }

    CachedFrame Load(in BlockHash hash, in BlockLocation place, PackId pack)
    {
        try
        {
            return loader.Load(pack, place, place.Ordinal);
        }
        catch (FormatInvalidException fault)
        {
            throw Corrupt(hash, fault);
        }
        catch (IOException failed)
        {
            throw Failed(hash, place, pack, failed);
        }
    }

    async ValueTask<BlockLease> ReadCopyAsync(BlockHash hash, BlockLocation location, CancellationToken cancellationToken)
    {
        var pack = index.PackAt(location.Pack);
        CachedFrame frame;
        try
        {
            frame = await cache.GetAsync(pack, location, location.Ordinal, cancellationToken);
        }
        catch (FormatInvalidException fault)
        {
            throw Corrupt(hash, fault);
        }
        catch (IOException failed)
        {
            throw Failed(hash, location, pack, failed);
        }

        return Lease(hash, location, frame, pack);
    }

    static BlockCorruptException Corrupt(in BlockHash hash, FormatInvalidException fault) =>
        new(hash, $"{fault.File} at {fault.Offset}", fault.What, fault);

    /// <summary>What a failed read means: the disk has lost these bytes, or nothing can be said of them now.</summary>
    Exception Failed(in BlockHash hash, in BlockLocation location, PackId pack, IOException failed) =>
        failed is PosixException { Error: Errno.EIO }
            ? new BlockCorruptException(hash, $"{PlaceOf(pack)} at {location.Offset}", failed.Message, failed)
            : new StoreUnavailableException(store, failed.Message, isTransient: true, failed);

    /// <summary>Lends a block of an acquired frame.</summary>
    BlockLease Lease(in BlockHash hash, in BlockLocation location, CachedFrame frame, PackId pack)
    {
        var fault = default(string);
        if (!frame.IsOf(location.Ordinal, hash))
        {
            fault = $"the frame's block {location.Ordinal} is another one";
        }
        else if (!frame.IsVerified(location.Ordinal))
        {
            var name = hasher.Hash(frame.Memory(location.Ordinal).Span);
            if (name == hash)
                frame.SetVerified(location.Ordinal);
            else
                fault = $"its bytes hash to {name}";
        }

        if (fault is null)
            return new BlockLease(frame.Memory(location.Ordinal), frame);
        frame.Release();
        throw new BlockCorruptException(hash, $"{PlaceOf(pack)} at {location.Offset}", fault);
    }

    static string PlaceOf(PackId pack) => $"packs/{pack}{DataDirLayout.ClosedSuffix}";

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
