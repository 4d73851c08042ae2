using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Adding;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.S3.Writing;

/// <summary>
/// Takes batches of blocks: finds the known ones, claims the others, puts them into packs as frames, and waits for those that another batch has claimed. Thread-safe.
/// </summary>
/// <remarks>
/// 1. A block is claimed by at most one batch of this process; the claim ends when it is located or given up. 2. A batch waits for other batches' claims
/// only while it holds none itself. 3. Two processes may store the same block: both copies serve.
/// </remarks>
/// <param name="table">The blocks of packs that are not uploaded.</param>
/// <param name="finder">Finds the others.</param>
/// <param name="uploads">The packs.</param>
/// <param name="level">The zstd level.</param>
sealed class PackAdder(MemoryTable table, BlockFinder finder, PackUploads uploads, int level) : IDisposable
{
    readonly AddWorkers _workers = new(level);
    readonly Pulse _claimsEnded = new();

    /// <summary>Takes a batch that was checked.</summary>
    public async ValueTask<AddCounts> AddAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        var worker = await _workers.RentAsync(cancellationToken);
        try
        {
            worker.Begin(slots.Span);
            await FindKnownAsync(worker, slots, cancellationToken);
            for (var i = 0; i < slots.Length; i++)
            {
                if (worker.States[i] == BlockState.Unknown)
                    Claim(worker, i, slots.Span[i].Length);
            }

            do
            {
                await CheckClaimedAsync(worker, slots, cancellationToken);
                await StoreClaimedAsync(worker, buffer, slots, cancellationToken);
            }
            while (await SettleAsync(worker, slots, cancellationToken));
            return worker.Counts;
        }
        finally
        {
            GiveUp(worker);
            _workers.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _workers.Dispose();

    async ValueTask FindKnownAsync(AddWorker worker, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        await finder.FindAsync(worker.HashMemory, worker.LocationMemory, isForUse: true, cancellationToken);
        for (var i = 0; i < slots.Length; i++)
        {
            if (!worker.Locations[i].IsNone)
                SetKnown(worker, i, slots.Span[i].Length);
        }
    }

    void Claim(AddWorker worker, int i, int length)
    {
        switch (table.Claim(worker.Hashes[i], out _))
        {
            case ClaimOutcome.Located when !finder.IsDamaged(worker.Hashes[i]):
                SetKnown(worker, i, length);
                break;
            case ClaimOutcome.Pending:
                worker.States[i] = BlockState.Awaited;
                break;
            default:
                worker.States[i] = BlockState.Claimed;
                break;
        }
    }

    /// <summary>Looks once more for what was claimed: its pack may have gone over to the index between the lookup and the claim.</summary>
    async ValueTask CheckClaimedAsync(AddWorker worker, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        if (!worker.States.Contains(BlockState.Claimed))
            return;
        await finder.FindAsync(worker.HashMemory, worker.LocationMemory, isForUse: true, cancellationToken);
        for (var i = 0; i < slots.Length; i++)
        {
            if (worker.States[i] != BlockState.Claimed || worker.Locations[i].IsNone)
                continue;
            table.Release(worker.Hashes[i]);
            SetKnown(worker, i, slots.Span[i].Length);
        }
    }

    static void SetKnown(AddWorker worker, int i, int length)
    {
        worker.States[i] = BlockState.Known;
        worker.Counts += new AddCounts(0, 0, 0, 1, length);
    }

    async ValueTask StoreClaimedAsync(
        AddWorker worker, ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        for (var content = BlockContent.Data; content <= BlockContent.Tree; content++)
        {
            var next = 0;
            while (next < worker.Count)
            {
                next = worker.Encode(buffer.Span, slots.Span, content, next);
                if (worker.Encoder.Length > 0)
                    await WriteAsync(worker, slots, content, cancellationToken);
            }
        }

        _claimsEnded.Set();
    }

    async ValueTask WriteAsync(AddWorker worker, ReadOnlyMemory<BlockSlot> slots, BlockContent content, CancellationToken cancellationToken)
    {
        var (pack, offset) = await uploads.ReserveAsync(content, worker.Encoder.Length, worker.Encoder.Blocks.Count, cancellationToken);
        pack.Write(worker.Encoder.Seal(pack.Header.FrameSeed, offset), offset);
        var rawBytes = 0L;
        foreach (var frame in worker.Encoder.Frames)
        {
            Locate(worker, slots.Span, pack, offset, frame);
            rawBytes += frame.RawSize;
        }

        worker.Counts += new AddCounts(worker.Encoder.Blocks.Count, rawBytes, worker.Encoder.Length, 0, 0);
        pack.Filled(worker.Encoder.Frames.Count, rawBytes);
        worker.Encoder.Clear();
    }

    void Locate(AddWorker worker, ReadOnlySpan<BlockSlot> slots, PackBuilder pack, int offset, in EncodedFrame frame)
    {
        for (var ordinal = 0; ordinal < frame.Blocks; ordinal++)
        {
            var i = worker.Encoder.Blocks[frame.First + ordinal];
            var flags = BlockFlags.Of(slots[i].Content, slots[i].Length);
            var location = BlockLocation.At(pack.Slot, offset + frame.Start, frame.Length, ordinal, flags);
            pack.Add(slots[i].Hash, location);
            table.Locate(slots[i].Hash, location);
            worker.States[i] = BlockState.Stored;
            finder.ForgetDamage(slots[i].Hash);
        }
    }

    /// <summary>Waits until every block that another batch is storing is stored or given up.</summary>
    /// <returns>Whether some were given up, and are claimed by this batch now.</returns>
    async ValueTask<bool> SettleAsync(AddWorker worker, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        while (worker.States.Contains(BlockState.Awaited))
        {
            var ended = _claimsEnded.Next;
            var claimed = false;
            var isPending = false;
            for (var i = 0; i < slots.Length; i++)
            {
                if (worker.States[i] != BlockState.Awaited)
                    continue;
                Claim(worker, i, slots.Span[i].Length);
                claimed |= worker.States[i] == BlockState.Claimed;
                isPending |= worker.States[i] == BlockState.Awaited;
            }

            if (claimed)
                return true;
            if (isPending)
                await ended.WaitAsync(cancellationToken);
        }

        return false;
    }

    void GiveUp(AddWorker worker)
    {
        var held = false;
        for (var i = 0; i < worker.Count; i++)
        {
            if (worker.States[i] != BlockState.Claimed)
                continue;
            table.Release(worker.Hashes[i]);
            held = true;
        }

        if (held)
            _claimsEnded.Set();
    }
}
