using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Adding;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Reading;

namespace Vt.Stores.Cache;

/// <summary>
/// Sends what is queued to the store behind: blocks in the order in which they came, so that what a tree refers to comes before it, then a flush, then the movements
/// of references that were made when all that was queued. Of the processes that share a folder one sends at a time.
/// </summary>
/// <remarks>
/// 1. The queue's mark moves only behind what a flush of the store behind has confirmed. 2. A movement is made only when everything that was queued before it is behind
/// the mark. 3. It can be interrupted anywhere and done again: blocks that are there are not sent twice, and a movement that was made is recognised.
/// </remarks>
/// <param name="folder">The folder.</param>
/// <param name="backing">The store behind.</param>
/// <param name="moves">The movements.</param>
/// <param name="known">What is remembered of references.</param>
/// <param name="options">The clock.</param>
sealed class QueueSender(CacheFolder folder, IBlockStore backing, MoveLog moves, KnownRefs known, CacheOptions options) : IDisposable
{
    const int BatchBytes = 2 << 20;
    const int BatchBlocks = 512;

    // How much is sent before the mark moves: those who wait for room in the queue get it step by step.
    const long StepBytes = 32 << 20;

    readonly SemaphoreSlim _running = new(1);
    readonly Pulse _sent = new();
    volatile string? _lastError;

    /// <summary>Why the last attempt failed; null where it did not.</summary>
    public string? LastError => _lastError;

    /// <summary>Completes the next time that this process has sent something, or failed to.</summary>
    public Task NextStep => _sent.Next;

    /// <summary>Sends all that is queued when this is called.</summary>
    /// <returns>False where another process is sending.</returns>
    /// <exception cref="StoreUnavailableException">The store behind can't take it, or what is queued is damaged.</exception>
    /// <exception cref="StoreFullException">The store behind is full.</exception>
    public async Task<bool> TrySendAsync(CancellationToken cancellationToken)
    {
        await _running.WaitAsync(cancellationToken);
        try
        {
            using var turn = CacheFiles.OpenLock(folder.Files.Sending);
            if (!Locks.Flock(turn, LockKind.Exclusive, wait: false))
                return false;
            await SendAsync(cancellationToken);
            _lastError = null;
            return true;
        }
        catch (Exception fault) when (fault is StoreUnavailableException or StoreFullException or BlockCorruptException or FormatInvalidException or IOException or NotSupportedException)
        {
            _lastError = fault.Message;
            throw fault is StoreUnavailableException or StoreFullException
                ? fault
                : new StoreUnavailableException($"cache {folder.Root}", fault.Message, isTransient: true, fault);
        }
        finally
        {
            _running.Release();
            _sent.Set();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _running.Dispose();

    async Task SendAsync(CancellationToken cancellationToken)
    {
        var target = folder.State.QueueEnd;
        var started = options.Time.GetUtcNow();
        while (folder.State.Sent < target)
        {
            var step = await SendStepAsync(target, cancellationToken);
            await backing.FlushAsync(cancellationToken);
            folder.Locked(segments =>
            {
                var state = folder.State;
                state.Sent = step.End;
                state.LagBytes -= step.Bytes;
                state.LagBlocks -= step.Blocks;

                // All that is left came after this began.
                var isNone = state.QueueEnd <= step.End;
                if (isNone)
                    (state.LagBytes, state.LagBlocks) = (0, 0);
                if (isNone || step.End >= target)
                    state.LagSince = isNone ? 0 : started.UtcTicks;
                segments.Retire();
                return true;
            });
            _sent.Set();
        }

        await MakeMovesAsync(cancellationToken);
    }

    /// <summary>Sends blocks from the mark on.</summary>
    async Task<Step> SendStepAsync(ulong target, CancellationToken cancellationToken)
    {
        var (sent, bytes, blocks) = (folder.State.Sent, 0L, 0L);
        using var batch = new SendBatch(backing, folder.Hasher);
        foreach (var segment in folder.Locked(static segments => segments.Queue()))
        {
            if (segment < (uint)(sent >> 32) || segment > (uint)(target >> 32))
                continue;
            using var reader = new QueueReader(folder.Files, folder.Config, segment, sent, target);
            using var packs = new PackFiles(folder.Files.Layout);
            using var loader = new FrameLoader(packs);
            while (reader.MoveNext(cancellationToken))
            {
                if (reader.Skipped > 0)
                    await CheckSkippedAsync(batch, reader, reader.Frame.Offset - reader.Skipped, reader.Frame.Offset, cancellationToken);
                await AddFrameAsync(batch, reader, loader, cancellationToken);
                bytes += reader.Frame.Header.PaddedLength;
                blocks += reader.Frame.Header.Blocks;
                if (batch.Bytes >= BatchBytes || batch.Count >= BatchBlocks)
                    await batch.SendAsync(cancellationToken);
                if (bytes < StepBytes)
                    continue;
                await batch.SendAsync(cancellationToken);
                return new Step(CacheEntry.At(segment, reader.Position), bytes, blocks);
            }

            if (reader.Skipped > 0)
                await CheckSkippedAsync(batch, reader, reader.Position - reader.Skipped, reader.Position, cancellationToken);
        }

        await batch.SendAsync(cancellationToken);
        return new Step(target, bytes, blocks);
    }

    async ValueTask AddFrameAsync(SendBatch batch, QueueReader reader, FrameLoader loader, CancellationToken cancellationToken)
    {
        var found = reader.Frame;
        var id = CacheFiles.IdOf(CacheFiles.PrefixOf(folder.Config), reader.Segment);
        CachedFrame? frame = null;
        try
        {
            frame = loader.Load(id, BlockLocation.At(reader.Segment, found.Offset, (int)found.Header.Length), FrameCache.AllBlocks);
            for (var i = 0; i < found.Header.Blocks; i++)
            {
                var block = reader.BlockAt(i);
                if (!batch.TryAdd(block, frame.Memory(i).Span))
                    await RequireElsewhereAsync(batch, [block], CacheEntry.At(reader.Segment, found.Offset), CacheEntry.At(reader.Segment, reader.Position), cancellationToken);
            }
        }
        catch (FormatInvalidException)
        {
            var blocks = Enumerable.Range(0, found.Header.Blocks).Select(reader.BlockAt).ToList();
            await RequireElsewhereAsync(batch, blocks, CacheEntry.At(reader.Segment, found.Offset), CacheEntry.At(reader.Segment, reader.Position), cancellationToken);
        }
        finally
        {
            frame?.Release();
        }
    }

    // What a lost write left was cut off when the next one began: bytes that are no whole frame are damage.
    async ValueTask CheckSkippedAsync(SendBatch batch, QueueReader reader, long start, long end, CancellationToken cancellationToken)
    {
        var blocks = reader.ListDamaged(start, end, cancellationToken);
        if (blocks.Count == 0)
            throw Damaged($"{end - start} bytes at {start} of segment {reader.Segment} can't be read; what they held is not known. Import again after vt cache clear --unsent");
        await RequireElsewhereAsync(batch, blocks, CacheEntry.At(reader.Segment, start), CacheEntry.At(reader.Segment, end), cancellationToken);
    }

    /// <summary>Goes on where blocks of a damaged range are in the store behind, can be read all the same, or are queued again further on.</summary>
    async ValueTask RequireElsewhereAsync(SendBatch batch, List<FrameBlock> blocks, ulong start, ulong end, CancellationToken cancellationToken)
    {
        var hashes = blocks.ConvertAll(static block => block.Hash).ToArray();
        var present = new bool[hashes.Length];
        await backing.ContainsManyAsync(hashes, present, cancellationToken);
        BlockHash? lost = null;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (present[i])
                continue;
            if (folder.TryRead(hashes[i], out var lease, out _))
            {
                using (lease)
                    batch.TryAdd(blocks[i], lease.Span);
            }
            else if (!folder.NoteDamage(hashes[i], start, end))
            {
                lost ??= hashes[i];
            }
        }

        if (lost is { } first)
            throw Damaged($"block {first} is damaged before it was sent; add it again, as by importing what it is of");
    }

    StoreUnavailableException Damaged(string what) => new($"cache {folder.Root}", what, isTransient: true);

    async Task MakeMovesAsync(CancellationToken cancellationToken)
    {
        while (folder.ReadMoves(moves) is [var move, ..] && move.Position <= folder.State.Sent)
        {
            if (backing is not IRefStore refs)
                throw new StoreUnavailableException(backing.Description, $"it keeps no references, and {move.Name} was moved", isTransient: false);
            var isMade = await TryMakeAsync(refs, move, cancellationToken);
            if (isMade)
                known.NoteMove(move.Name, move.Value, move.Note, move.When);
            folder.Locked(_ =>
            {
                moves.NoteDone(move);
                folder.State.MoveVersion++;
                folder.State.Moves = moves.Read().Count;
                folder.State.Conflicts += isMade ? 0 : 1;
                return true;
            });
        }
    }

    /// <summary>Makes a movement, or keeps its value where somebody else has moved the reference meanwhile.</summary>
    static async Task<bool> TryMakeAsync(IRefStore refs, QueuedMove move, CancellationToken cancellationToken)
    {
        if (await refs.TryMoveAsync(move.Name, move.Expected, move.Value, move.Note, cancellationToken))
            return true;

        // It was made, and the one who made it died before noting that.
        if (await refs.ReadAsync(move.Name, cancellationToken) == move.Value)
            return true;
        if (move.Value is null)
            return false;
        var kept = ConflictName.Of(move);
        var before = await refs.ReadAsync(kept, cancellationToken);
        while (before != move.Value && !await refs.TryMoveAsync(kept, before, move.Value, $"kept: {move.Name} had moved elsewhere; {move.Note}", cancellationToken))
            before = await refs.ReadAsync(kept, cancellationToken);
        return false;
    }

    readonly record struct Step(ulong End, long Bytes, long Blocks);
}
