using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Reading;
using Vt.Stores.DataDir.Sharing;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir.Adding;

/// <summary>
/// Takes batches of blocks: finds the known ones, claims the others, writes them in frames, and waits for those that somebody else is writing.
/// Thread-safe.
/// </summary>
/// <remarks>
/// 1. A block is claimed by at most one batch of this process; the claim ends when it is located or given up. 2. A batch waits for other
/// batches' claims only while it holds none itself, so no two wait for each other. 3. A batch completes when each of its blocks has been written by somebody.
/// </remarks>
sealed class BlockAdder : IDisposable
{
    readonly MemoryTable _table;
    readonly BlockFinder _finder;
    readonly PackRegistry _registry;
    readonly OpenPacks _packs;
    readonly DamagedList _damaged;
    readonly ForeignDebts _debts;
    readonly ClaimTable _claims;
    readonly AddWorkers _workers;
    readonly Pulse _claimsEnded = new();
    long _mismatches;

    public BlockAdder(
        MemoryTable table, BlockFinder finder, PackRegistry registry, OpenPacks packs, DamagedList damaged, ForeignDebts debts, ClaimTable claims, int level)
    {
        _table = table;
        _finder = finder;
        _registry = registry;
        _packs = packs;
        _damaged = damaged;
        _debts = debts;
        _claims = claims;
        _workers = new AddWorkers(level);
    }

    /// <summary>Compressed payloads that did not decompress to what they were made of, and were stored raw.</summary>
    public long Mismatches => Interlocked.Read(ref _mismatches);

    /// <summary>Takes a batch that was checked.</summary>
    public async ValueTask<AddCounts> AddAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        var worker = await _workers.RentAsync(cancellationToken);
        try
        {
            worker.Begin(slots.Span);
            FindKnown(worker, slots.Span, cancellationToken);
            Claim(worker, slots.Span, cancellationToken);
            await StoreClaimedAsync(worker, buffer, slots, cancellationToken);
            while (await SettleAsync(worker, slots, cancellationToken))
                await StoreClaimedAsync(worker, buffer, slots, cancellationToken);
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

    void FindKnown(AddWorker worker, ReadOnlySpan<BlockSlot> slots, CancellationToken cancellationToken)
    {
        var learnt = _registry.Learnt;
        if (_finder.FindUsable(worker.Hashes, worker.Locations) > 0 && _registry.Refresh(learnt, cancellationToken))
            _finder.FindUsable(worker.Hashes, worker.Locations);
        for (var i = 0; i < slots.Length; i++)
        {
            if (!worker.Locations[i].IsNone)
                SetKnown(worker, i, slots[i].Length, worker.Locations[i]);
        }
    }

    /// <summary>Claims what nobody has.</summary>
    void Claim(AddWorker worker, ReadOnlySpan<BlockSlot> slots, CancellationToken cancellationToken)
    {
        var claimed = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            if (worker.States[i] == BlockState.Unknown)
                claimed += TryClaim(worker, i, slots[i].Length) ? 1 : 0;
        }

        if (claimed > 0)
            ClaimShared(worker, slots, cancellationToken);
    }

    /// <summary>
    /// Claims against other processes too, and looks once more what they have written meanwhile. Also where there are none: one that joins a moment
    /// later has to find the claims of what is under way.
    /// </summary>
    void ClaimShared(AddWorker worker, ReadOnlySpan<BlockSlot> slots, CancellationToken cancellationToken)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (worker.States[i] == BlockState.Claimed && !_claims.TryClaim(worker.Hashes[i]))
                worker.States[i] = BlockState.Foreign;
        }

        // Who is alone now and has claimed is alone with these blocks: whoever joins from here on meets the claims.
        if (!_claims.HasOthers())
            return;

        // Whether or not this call learnt anything: another thread of this process may have taken it in since this one looked.
        _registry.Refresh(cancellationToken);
        TakeForeign(worker, slots);
    }

    /// <summary>Of the blocks that are claimed here takes those as known that another process has written.</summary>
    /// <returns>How many.</returns>
    int TakeForeign(AddWorker worker, ReadOnlySpan<BlockSlot> slots)
    {
        var taken = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            if (worker.States[i] is not (BlockState.Claimed or BlockState.Foreign))
                continue;
            var found = worker.Locations.Slice(i, 1);
            if (_finder.FindUsable(worker.Hashes.Slice(i, 1), found) > 0)
                continue;
            if (worker.States[i] == BlockState.Claimed)
                _claims.Release(worker.Hashes[i]);
            _table.Release(worker.Hashes[i]);
            SetKnown(worker, i, slots[i].Length, found[0]);
            taken++;
        }

        return taken;
    }

    bool TryClaim(AddWorker worker, int i, int length)
    {
        var outcome = _table.Claim(worker.Hashes[i], out var location);
        switch (outcome)
        {
            case ClaimOutcome.Located when !_damaged.Contains(worker.Hashes[i]) && _finder.IsReliable(location):
                SetKnown(worker, i, length, location);
                return false;
            case ClaimOutcome.Pending:
                worker.States[i] = BlockState.Awaited;
                return false;
            default:
                worker.States[i] = BlockState.Claimed;
                return true;
        }
    }

    void SetKnown(AddWorker worker, int i, int length, in BlockLocation location)
    {
        worker.States[i] = BlockState.Known;
        worker.Counts += new AddCounts(0, 0, 0, 1, length);
        _debts.Note(location.Pack);
    }

    /// <summary>Writes what is claimed, data and trees apart.</summary>
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
        var (pack, offset) = await _packs.ReserveAsync(content, worker.Encoder.Length, cancellationToken);
        var rawBytes = 0L;
        var blocks = 0;
        var frames = 0;
        try
        {
            pack.Write(worker.Encoder.Seal(pack.Header.FrameSeed, offset), offset);
            foreach (var frame in worker.Encoder.Frames)
            {
                Locate(worker, slots.Span, pack, offset, frame);
                rawBytes += frame.RawSize;
                blocks += frame.Blocks;
            }

            frames = worker.Encoder.Frames.Count;
            worker.Counts += new AddCounts(blocks, rawBytes, worker.Encoder.Length, 0, 0);
        }
        finally
        {
            pack.Filled(frames, blocks, rawBytes);
        }

        Interlocked.Add(ref _mismatches, worker.Encoder.TakeMismatches());
        worker.Encoder.Clear();
    }

    void Locate(AddWorker worker, ReadOnlySpan<BlockSlot> slots, PackWriter pack, long offset, in EncodedFrame frame)
    {
        for (var ordinal = 0; ordinal < frame.Blocks; ordinal++)
        {
            var i = worker.Encoder.Blocks[frame.First + ordinal];
            var flags = BlockFlags.Of(slots[i].Content, slots[i].Length);
            var location = BlockLocation.At(pack.Slot, offset + frame.Start, frame.Length, ordinal, flags);
            pack.Add(slots[i].Hash, location);
            _table.Locate(slots[i].Hash, location);
            worker.States[i] = BlockState.Stored;
            _claims.Release(slots[i].Hash);
            if (!_damaged.IsEmpty)
                _damaged.Remove(slots[i].Hash);
        }
    }

    /// <summary>Waits until every block that somebody else is writing is written or given up.</summary>
    /// <returns>Whether some were given up, and are claimed by this batch now.</returns>
    async ValueTask<bool> SettleAsync(AddWorker worker, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        if (worker.States.Contains(BlockState.Foreign) && await SettleForeignAsync(worker, slots, cancellationToken))
            return true;
        while (worker.States.Contains(BlockState.Awaited))
        {
            var ended = _claimsEnded.Next;
            var claimed = Recheck(worker, slots.Span, out var isPending);
            if (claimed)
                return true;
            if (isPending)
                await ended.WaitAsync(cancellationToken);
        }

        return false;
    }

    /// <summary>Looks again at blocks that other batches of this process were writing.</summary>
    /// <returns>Whether one of them is this batch's now.</returns>
    bool Recheck(AddWorker worker, ReadOnlySpan<BlockSlot> slots, out bool isPending)
    {
        var claimed = false;
        isPending = false;
        for (var i = 0; i < slots.Length; i++)
        {
            if (worker.States[i] != BlockState.Awaited)
                continue;
            if (_table.Find(worker.Hashes[i], out _) == ClaimOutcome.Pending)
            {
                isPending = true;
                continue;
            }

            var found = worker.Locations.Slice(i, 1);
            found.Clear();
            if (_finder.FindUsable(worker.Hashes.Slice(i, 1), found) == 0)
                SetKnown(worker, i, slots[i].Length, found[0]);
            else
                claimed |= TryClaim(worker, i, slots[i].Length);
        }

        return claimed;
    }

    /// <summary>Waits for other processes, as long as they get on.</summary>
    /// <returns>Whether blocks were claimed in their stead.</returns>
    async ValueTask<bool> SettleForeignAsync(AddWorker worker, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        var patience = ClaimTable.Patience;
        while (worker.States.Contains(BlockState.Foreign))
        {
            _registry.Refresh(cancellationToken);
            var taken = TakeForeign(worker, slots.Span);
            var claimed = 0;
            for (var i = 0; i < worker.Count; i++)
            {
                if (worker.States[i] != BlockState.Foreign || !(patience == 0 || _claims.TryClaim(worker.Hashes[i])))
                    continue;
                worker.States[i] = BlockState.Claimed;
                claimed++;
            }

            if (claimed > 0)
            {
                // Whoever let a claim go had written the block: look before it is written twice.
                _registry.Refresh(cancellationToken);
                TakeForeign(worker, slots.Span);
                return true;
            }

            patience = taken > 0 ? ClaimTable.Patience : patience - 1;
            if (worker.States.Contains(BlockState.Foreign))
                await Task.Delay(ClaimTable.Pause, cancellationToken);
        }

        return false;
    }

    /// <summary>Gives up what a failed or cancelled batch still holds.</summary>
    void GiveUp(AddWorker worker)
    {
        var held = false;
        for (var i = 0; i < worker.Count; i++)
        {
            if (worker.States[i] is not (BlockState.Claimed or BlockState.Foreign))
                continue;
            if (worker.States[i] == BlockState.Claimed)
                _claims.Release(worker.Hashes[i]);
            _table.Release(worker.Hashes[i]);
            held = true;
        }

        if (held)
            _claimsEnded.Set();
    }
}
