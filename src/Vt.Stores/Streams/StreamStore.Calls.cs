using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Stores.Streams.Client;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams;

/// <content>How calls are made, and made again.</content>
public sealed partial class StreamStore
{
    long Unflushed
    {
        get
        {
            var bytes = 0L;
            foreach (var link in _links)
                bytes += link.Unflushed.Bytes;
            return bytes;
        }
    }

    bool HasWriteFailed => Array.Exists(_links, static link => link.WriteFailure is not null);

    void ThrowIfWriteFailed()
    {
        foreach (var link in _links)
            link.ThrowIfWriteFailed();
    }

    uint NewId()
    {
        // 0 is nobody's.
        uint id;
        do
            id = Interlocked.Increment(ref _lastId);
        while (id == 0);
        return id;
    }

    /// <summary>The names that the server's store could have, and where they stand; null where that is all of them.</summary>
    ReadOnlyMemory<BlockHash> Mine(ReadOnlyMemory<BlockHash> hashes, out int[]? places)
    {
        places = null;
        var others = 0;
        foreach (ref readonly var hash in hashes.Span)
            others += hash.Algorithm == Hasher.Algorithm ? 0 : 1;
        if (others == 0)
            return hashes;
        places = new int[hashes.Length - others];
        var mine = new BlockHash[places.Length];
        for (int i = 0, at = 0; i < hashes.Length; i++)
        {
            if (hashes.Span[i].Algorithm == Hasher.Algorithm)
                (mine[at], places[at++]) = (hashes.Span[i], i);
        }

        return mine;
    }

    static async Task ForPiecesAsync(int count, int most, Func<int, int, Task> call)
    {
        if (count == 0)
            return;
        if (count <= most)
        {
            await call(0, count);
            return;
        }

        var calls = new List<Task>();
        for (var start = 0; start < count; start += most)
            calls.Add(call(start, Math.Min(most, count - start)));
        await Task.WhenAll(calls);
    }

    async Task<Answer> CallAsync(StreamLink link, StreamVerb verb, Action<ByteWriter> write, CancellationToken cancellationToken)
    {
        using var meta = new ByteWriter();
        write(meta);
        return await link.CallAsync(new SingleCall(Frame.Make(verb, FrameFlags.None, NewId(), meta.Written), Description), cancellationToken);
    }

    async Task AskAsync(StreamLink link, ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(link, StreamVerb.Contains, meta => NameList.Write(meta, hashes.Span), cancellationToken);
        Guarded(() => PresenceBits.Read(answer.Meta, present.Span));
    }

    async Task FetchAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> leases, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var line = await _chooser.TakeAsync(cancellationToken);
            using var answer = await CallAsync(line.Link, StreamVerb.Get, meta => NameList.Write(meta, hashes.Span), cancellationToken);
            var garbled = -1;
            Guarded(() => garbled = BlockFetch.Read(answer, Hasher, hashes.Span, leases.Span));
            if (garbled < 0)
                return;
            if (attempt == MostGarbled)
                throw new BlockCorruptException(hashes.Span[garbled], Description, "what came from the server is not what the block's name stands for");
        }
    }

    async Task<AddCounts> AddAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken)
    {
        using var line = await _chooser.TakeAsync(cancellationToken);
        var link = line.Link;
        for (var attempt = 1; ; attempt++)
        {
            var call = new SingleCall(BlockList.Make(NewId(), buffer.Span, blocks.Span), Description, answered: link.Unflushed.Note);
            try
            {
                using var answer = await link.CallAsync(call, cancellationToken);
                var counts = default(AddCounts);
                StoreCapacity? capacity = null;
                Guarded(() => counts = AddAnswer.Read(answer.Meta, out capacity));
                if (capacity is { } now)
                    Volatile.Write(ref _capacity, new Capacity(now));
                return counts;
            }
            catch (GarbledException garbled)
            {
                if (attempt == MostGarbled)
                    throw new StoreUnavailableException(Description, garbled.Message, isTransient: true, garbled);
            }
        }
    }

    async Task<(ReadOnlyMemory<BlockSlot> Wanted, AddCounts Known)> LeaveOutKnownAsync(
        StreamLink link, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken)
    {
        var hashes = new BlockHash[blocks.Length];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = blocks.Span[i].Hash;
        var present = new bool[hashes.Length];
        await ForPiecesAsync(
            hashes.Length, StreamLimits.MostNames, (start, length) => CountOnAsync(link, hashes.AsMemory(start, length), present.AsMemory(start, length), cancellationToken));
        var wanted = new List<BlockSlot>();
        var known = default(AddCounts);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (present[i])
                known += new AddCounts(0, 0, 0, 1, blocks.Span[i].Length);
            else
                wanted.Add(blocks.Span[i]);
        }

        return (wanted.ToArray(), known);
    }

    // Blocks that somebody else may have added and not flushed: a server that is started anew is asked about them again.
    async Task CountOnAsync(StreamLink link, ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken)
    {
        while (true)
        {
            var instance = link.Instance;
            await AskAsync(link, hashes, present, cancellationToken);
            var there = new List<BlockHash>();
            for (var i = 0; i < hashes.Length; i++)
            {
                if (present.Span[i])
                    there.Add(hashes.Span[i]);
            }

            if (there.Count == 0 || link.Unflushed.TryNote(there, NewId(), () => link.Instance == instance))
                return;
        }
    }

    async Task FlushLinksAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; !await TryFlushLinksAsync(cancellationToken); tries++)
        {
            if (tries == MostRestarts)
                throw new StoreUnavailableException(Description, $"the server was started anew {tries} times while it was flushed", isTransient: true);
            foreach (var link in _links)
            {
                if (link.IsInDoubt)
                    await SettleAsync(link, cancellationToken);
            }
        }
    }

    // All at once, as over a long line each takes a while; but those over which nothing was added or counted on have nothing to lose.
    async Task<bool> TryFlushLinksAsync(CancellationToken cancellationToken)
    {
        var links = Array.FindAll(_links, link => link == _links[0] || link.Unflushed.Bytes > 0);
        var points = Array.ConvertAll(links, static link => link.Unflushed.Now);
        await Task.WhenAll(links.Select(link => FlushAsync(link, cancellationToken)));
        if (Array.Exists(_links, static link => link.IsInDoubt))
            return false;
        for (var i = 0; i < links.Length; i++)
            links[i].Unflushed.Drop(points[i]);
        return true;
    }

    async Task FlushAsync(StreamLink link, CancellationToken cancellationToken)
    {
        link.ThrowIfWriteFailed();
        using var answer = await CallAsync(link, StreamVerb.Flush, static _ => { }, cancellationToken);
        link.ThrowIfWriteFailed();
    }

    /// <summary>Asks once more about blocks that are counted on, when all that this client had added is there again: one that is still not there is lost.</summary>
    async Task SettleAsync(StreamLink link, CancellationToken cancellationToken)
    {
        var doubts = link.Doubts;
        var frames = link.Unflushed.HoldAll(0, out _);
        try
        {
            foreach (var frame in frames)
            {
                if (frame.Verb != StreamVerb.Contains)
                    continue;
                var hashes = NameList.Read(frame.Meta, Hasher.Algorithm, StreamLimits.MostNames);
                var present = new bool[hashes.Length];
                await AskAsync(link, hashes, present, cancellationToken);
                if (!present.Contains(false))
                    continue;
                var lost = $"the server was started anew and has lost {present.Count(static isThere => !isThere)} blocks that it had when it was asked";
                link.FailWrites(new StoreUnavailableException(Description, lost));
                link.ThrowIfWriteFailed();
            }
        }
        finally
        {
            foreach (var frame in frames)
                frame.Release();
        }

        link.Settle(doubts);
    }

    /// <summary>The frames of a flowing answer, asked for anew from where it was lost.</summary>
    async IAsyncEnumerable<Frame> FlowAsync(StreamVerb verb, Action<ByteWriter> write, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var losses = 0;
        while (true)
        {
            using var meta = new ByteWriter();
            write(meta);
            var call = new FlowingCall(Frame.Make(verb, FrameFlags.None, NewId(), meta.Written), Description);
            var link = _links[0];
            await link.BeginAsync(call, cancellationToken);
            try
            {
                while (true)
                {
                    Frame? frame = null;
                    try
                    {
                        frame = await call.ReadAsync(cancellationToken);
                        losses = 0;
                    }
                    catch (LineLostException lost)
                    {
                        if (++losses > MostGarbled)
                            throw new StoreUnavailableException(Description, lost.Message, isTransient: true, lost);
                    }

                    if (frame is null && losses > 0)
                        break;
                    if (frame is null)
                        yield break;
                    yield return frame;
                    await link.AskForMoreAsync(call);
                }
            }
            finally
            {
                await link.EndAsync(call);
            }
        }
    }

    static bool AreFew(ReadOnlySpan<BlockSlot> blocks)
    {
        var bytes = 0L;
        foreach (ref readonly var block in blocks)
            bytes += block.Length;
        return bytes <= TooFewToAsk;
    }

    static int CountFor(ReadOnlySpan<BlockSlot> blocks)
    {
        var bytes = 0L;
        var count = 0;
        while (count < blocks.Length && count < StreamLimits.MostNames && (count == 0 || bytes + blocks[count].Length <= StreamLimits.BulkTarget))
            bytes += blocks[count++].Length;
        return count;
    }

    // An answer that passed its checksum and makes no sense: another program's mistake, which asking again does not mend.
    void Guarded(Action read)
    {
        try
        {
            read();
        }
        catch (FormatInvalidException fault)
        {
            throw new StoreUnavailableException(Description, $"the server's answer makes no sense: {fault.Message}", isTransient: false, fault);
        }
    }

    sealed record Capacity(StoreCapacity Now);
}
