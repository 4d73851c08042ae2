using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Adding;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.Cache;

/// <content>Keeping blocks, and queueing them.</content>
sealed partial class CacheFolder
{
    /// <summary>Keeps blocks that were read from the store behind or written to it. What can't be kept is not: that is no failure.</summary>
    public void Keep(ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> slots)
    {
        var encoder = Rent();
        try
        {
            var chosen = new List<int>();
            for (var i = 0; i < slots.Length; i++)
            {
                if (!Find(slots[i].Hash, out var entry) || entry.IsDamaged)
                    chosen.Add(i);
            }

            Encode(encoder, buffer, slots, chosen, isQueue: false);
        }
        catch (Exception fault) when (fault is StoreFullException or StoreUnavailableException or IOException)
        {
            // It is fetched again.
        }
        finally
        {
            Return(encoder);
        }
    }

    /// <summary>Queues blocks that don't wait to be sent already. When the task completes all of them do.</summary>
    public async ValueTask<AddCounts> QueueAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> slots, CancellationToken cancellationToken)
    {
        _segments.QueueDisk.Failure.ThrowIfSet();
        var counts = default(AddCounts);
        var open = new List<int>(slots.Length);
        for (var i = 0; i < slots.Length; i++)
            open.Add(i);
        while (open.Count > 0)
        {
            var ended = _pendingEnded.Next;
            var mine = Claim(slots.Span, open, ref counts);
            try
            {
                if (mine.Count > 0)
                    counts += Encode(buffer.Span, slots.Span, mine);
            }
            finally
            {
                EndClaims(slots.Span, mine);
            }

            if (open.Count > 0)
                await ended.WaitAsync(cancellationToken);
        }

        return counts;
    }

    /// <summary>Of the open blocks takes out those that wait already, and those that this batch will queue.</summary>
    List<int> Claim(ReadOnlySpan<BlockSlot> slots, List<int> open, ref AddCounts counts)
    {
        var mine = new List<int>();
        var left = new List<int>();
        lock (_pendingGate)
        {
            foreach (var i in open)
            {
                if (IsQueued(slots[i].Hash))
                    counts += new AddCounts(0, 0, 0, 1, slots[i].Length);
                else if (_pending.Add(slots[i].Hash))
                    mine.Add(i);
                else
                    left.Add(i);
            }
        }

        open.Clear();
        open.AddRange(left);
        return mine;
    }

    void EndClaims(ReadOnlySpan<BlockSlot> slots, List<int> mine)
    {
        lock (_pendingGate)
        {
            foreach (var i in mine)
                _pending.Remove(slots[i].Hash);
        }

        _pendingEnded.Set();
    }

    AddCounts Encode(ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> slots, List<int> chosen)
    {
        // What the store behind has already, as far as is known here, is no new block; it is sent all the same, in case it has gone there.
        var known = 0;
        long bytes = 0, knownBytes = 0;
        foreach (var i in chosen)
        {
            bytes += slots[i].Length;
            if (!Find(slots[i].Hash, out var entry) || entry.IsDamaged)
                continue;
            known++;
            knownBytes += slots[i].Length;
        }

        var encoder = Rent();
        try
        {
            var stored = Encode(encoder, buffer, slots, chosen, isQueue: true);
            return new AddCounts(chosen.Count - known, bytes - knownBytes, stored, known, knownBytes);
        }
        finally
        {
            Return(encoder);
        }
    }

    long Encode(FrameEncoder encoder, ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> slots, List<int> chosen, bool isQueue)
    {
        var stored = 0L;
        Span<int> frame = stackalloc int[FrameHeader.MostBlocks];
        var (count, size) = (0, 0);
        for (var k = 0; k <= chosen.Count; k++)
        {
            var isEnd = k == chosen.Count;
            if (count > 0 && (isEnd || count == frame.Length || size + slots[chosen[k]].Length > FrameHeader.SharedSize))
            {
                encoder.Add(buffer, slots, frame[..count]);
                (count, size) = (0, 0);
            }

            if (encoder.Length > 0 && (isEnd || encoder.IsFull))
            {
                stored += encoder.Length;
                Append(encoder, slots, isQueue);
                encoder.Clear();
            }

            if (isEnd)
                break;
            frame[count++] = chosen[k];
            size += slots[chosen[k]].Length;
        }

        return stored;
    }

    void Append(FrameEncoder encoder, ReadOnlySpan<BlockSlot> slots, bool isQueue)
    {
        lock (_gate)
        {
            Locks.Flock(_lock, LockKind.Exclusive, wait: true);
            try
            {
                _segments.Append(isQueue, encoder, slots);
            }
            finally
            {
                Locks.FlockRelease(_lock);
            }
        }
    }

    FrameEncoder Rent()
    {
        var encoder = _encoders.TryTake(out var idle) ? idle : new FrameEncoder(_options.Level);
        encoder.Clear();
        return encoder;
    }

    void Return(FrameEncoder encoder)
    {
        if (_encoders.Count < Environment.ProcessorCount)
            _encoders.Add(encoder);
        else
            encoder.Dispose();
    }
}
