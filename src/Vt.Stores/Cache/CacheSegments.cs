using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Adding;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Reading;

namespace Vt.Stores.Cache;

/// <summary>
/// Writes a cache's segments: pack files, filled one after the other, of two kinds. Clean ones hold what the store behind has too and may go at any time; those of the
/// queue, which are named <c>.open</c>, hold what is to be sent. Everything here is done under the cache's lock, by one thread of one process at a time.
/// </summary>
/// <remarks>
/// 1. A frame is written before the segment's end is moved, and the end before the table knows its blocks: whatever a killed process leaves behind the end is written
/// over. 2. When room is needed the oldest clean segment goes as a whole; what was used since it was written is put into the newest one first.
/// </remarks>
sealed partial class CacheSegments : IDisposable
{
    readonly CacheFiles _files;
    readonly DataDirConfig _config;
    readonly CacheOptions _options;
    readonly CacheTable _table;
    readonly PackFiles _packs;
    readonly FrameLoader _loader;
    readonly BlockHasher _hasher;
    readonly WriteBoundary _boundary;
    readonly ulong _prefix;
    readonly long _segmentSize;
    FrameEncoder? _encoder;
    DiskWriter _clean;
    (uint Segment, FileDescriptor File) _cleanFile;
    (uint Segment, FileDescriptor File) _queueFile;

    public CacheSegments(CacheFiles files, DataDirConfig config, CacheOptions options, CacheTable table, PackFiles packs, FrameLoader loader)
    {
        _files = files;
        _config = config;
        _options = options;
        _table = table;
        _packs = packs;
        _loader = loader;
        _hasher = HashAlgorithms.GetHasher(config.Hash);
        _boundary = options.Boundary ?? WriteBoundary.FromEnvironment();
        _prefix = CacheFiles.PrefixOf(config);
        _segmentSize = options.SegmentSize ?? Math.Clamp(options.MostBytes / 64, 2 << 20, 64 << 20);
        _clean = NewDisk();
        QueueDisk = NewDisk();
    }

    /// <summary>Writes the queue; after its first failure nothing more is queued by this process.</summary>
    public DiskWriter QueueDisk { get; }

    CacheState State => _table.State;

    /// <summary>Puts encoded frames at the end of the clean segments or of the queue.</summary>
    /// <param name="isQueue">Which.</param>
    /// <param name="encoder">The frames.</param>
    /// <param name="slots">The blocks that the frames were encoded from.</param>
    /// <exception cref="StoreFullException">The disk is full, or the table has no room for what must be found again.</exception>
    /// <exception cref="StoreUnavailableException">The disk fails.</exception>
    public void Append(bool isQueue, FrameEncoder encoder, ReadOnlySpan<BlockSlot> slots)
    {
        var end = isQueue ? State.QueueEnd : State.CleanEnd;
        if ((uint)end < PackHeader.Size || ((uint)end > PackHeader.Size && (uint)end + encoder.Length > _segmentSize))
            end = Begin(isQueue, end);
        Write(isQueue, end, encoder, slots);
    }

    /// <summary>Makes the queue durable from one position to another. Not under the lock.</summary>
    public void Sync(ulong synced, ulong end)
    {
        var (first, last) = ((uint)(synced >> 32), (uint)(end >> 32));
        foreach (var segment in first == last ? [last] : Queue())
        {
            if (segment < first || segment > last)
                continue;
            var path = _files.Layout.OpenPack(IdOf(segment));
            var error = PosixFile.TryOpen(path, OpenFlags.O_RDWR, 0, out var file);

            // Sent meanwhile.
            if (error == Errno.ENOENT)
                continue;
            if (error != Errno.OK)
                throw QueueDisk.Failure.Set(new PosixException(error, "open", path));
            using (file)
                QueueDisk.Sync(file, path);
        }

        if (first != last)
            QueueDisk.SyncFolder(_files.Layout.Packs);
    }

    /// <summary>The queue's segments in order, those apart that were sent.</summary>
    public List<uint> Queue() => [.. List().Where(static one => one.IsOpen).Select(static one => one.Segment)];

    /// <summary>Makes clean segments of those whose last block was sent.</summary>
    public void Retire()
    {
        foreach (var segment in Queue())
        {
            // The one that is written goes on where it is.
            if (segment >= (uint)(State.Sent >> 32) || segment == (uint)(State.QueueEnd >> 32))
                continue;
            var (from, to) = (_files.Layout.OpenPack(IdOf(segment)), _files.Layout.ClosedPack(IdOf(segment)));
            NewDisk().Rename(from, to);
        }

        Trim(keepHot: false);
    }

    /// <summary>How many bytes the segments have, and how many there are.</summary>
    public (long Bytes, int Count) Measure()
    {
        var all = List();
        return (all.Sum(static one => one.Length), all.Count);
    }

    /// <summary>Removes clean segments, or all.</summary>
    public void Clear(bool withQueue)
    {
        foreach (var one in List())
        {
            if (one.IsOpen && !withQueue)
                continue;
            PosixFile.TryUnlink(one.IsOpen ? _files.Layout.OpenPack(IdOf(one.Segment)) : _files.Layout.ClosedPack(IdOf(one.Segment)));
            _packs.Forget(IdOf(one.Segment));
        }

        State.CleanEnd = 0;
        if (withQueue)
        {
            (State.LagBytes, State.LagBlocks, State.LagSince) = (0, 0, 0);
            State.QueueEnd = State.Sent = State.Synced = CacheEntry.At(State.NextSegment, 0);
        }

        State.Removals++;
    }

    /// <summary>
    /// Puts the table's numbers right after the machine was started anew, or the table was lost: what is queued is found again, segment by segment, and nothing is
    /// written to the segments that were there.
    /// </summary>
    public void Recover(CancellationToken cancellationToken)
    {
        var all = List();
        State.NextSegment = Math.Max(Math.Max(1, State.NextSegment), all.Count == 0 ? 1 : all[^1].Segment + 1);
        var synced = State.Synced;
        (State.CleanEnd, State.QueueEnd, State.Synced) = (0, CacheEntry.At(State.NextSegment, 0), 0);
        (State.LagBytes, State.LagBlocks) = (0, 0);
        _table.DropUnsent();
        State.OldestSegment = all.Count == 0 ? State.NextSegment : all[0].Segment;
        foreach (var segment in all.Where(static one => one.IsOpen).Select(static one => one.Segment))
        {
            using var reader = new QueueReader(_files, _config, segment, State.Sent, end: null);
            while (reader.MoveNext(cancellationToken))
            {
                SetFound(segment, reader);
                State.LagBytes += reader.Frame.Header.PaddedLength;
                State.LagBlocks += reader.Frame.Header.Blocks;
            }

            // What nobody was told to be durable.
            if (reader.Skipped > 0 && CacheEntry.At(segment, reader.Position - reader.Skipped) >= synced)
                Cut(segment, reader.Position - reader.Skipped);
        }

        State.LagSince = State.LagBytes == 0 ? 0 : _options.Time.GetUtcNow().UtcTicks;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cleanFile.File?.Dispose();
        _queueFile.File?.Dispose();
        _encoder?.Dispose();
    }

    PackId IdOf(uint segment) => CacheFiles.IdOf(_prefix, segment);

    DiskWriter NewDisk() => new(_boundary, new WriteFailure($"cache {_files.Root}"));

    void SetFound(uint segment, QueueReader reader)
    {
        var frame = reader.Frame;
        for (var i = 0; i < frame.Header.Blocks; i++)
        {
            var block = reader.BlockAt(i);
            var entry = new CacheEntry(CacheEntry.At(segment, frame.Offset), (int)frame.Header.Length, i, isQueued: true, block.Content);
            if (!_table.Set(block.Hash, entry, must: true))
                throw new StoreFullException($"cache {_files.Root}", "its table has no room for what waits to be sent");
        }
    }

    void Write(bool isQueue, ulong end, FrameEncoder encoder, ReadOnlySpan<BlockSlot> slots)
    {
        var segment = (uint)(end >> 32);
        var offset = (long)(uint)end;
        var path = isQueue ? _files.Layout.OpenPack(IdOf(segment)) : _files.Layout.ClosedPack(IdOf(segment));
        var disk = isQueue ? QueueDisk : _clean;
        try
        {
            disk.Write(FileOf(isQueue, segment, path), path, encoder.Seal(PackHeader.SeedOf(IdOf(segment)), offset), offset);
        }
        catch (StoreFullException) when (!isQueue)
        {
            Forgive();
            throw;
        }
        catch (StoreUnavailableException) when (!isQueue)
        {
            Forgive();
            throw;
        }

        end += (ulong)encoder.Length;
        if (isQueue)
        {
            State.QueueEnd = end;
            State.LagBytes += encoder.Length;
            State.LagBlocks += encoder.Blocks.Count;
            if (State.LagSince == 0)
                State.LagSince = _options.Time.GetUtcNow().UtcTicks;
        }
        else
        {
            State.CleanEnd = end;
        }

        foreach (var frame in encoder.Frames)
        {
            for (var ordinal = 0; ordinal < frame.Blocks; ordinal++)
            {
                ref readonly var slot = ref slots[encoder.Blocks[frame.First + ordinal]];
                var entry = new CacheEntry(CacheEntry.At(segment, offset + frame.Start), frame.Length, ordinal, isQueue, slot.Content);
                if (!_table.Set(slot.Hash, entry, isQueue) && isQueue)
                    throw new StoreFullException($"cache {_files.Root}", "its table has no room for more that waits to be sent");
            }
        }
    }

    // What is only kept is no loss: the next segment is tried, in another place of the disk.
    void Forgive()
    {
        _clean = NewDisk();
        State.CleanEnd = 0;
    }

    FileDescriptor FileOf(bool isQueue, uint segment, string path)
    {
        ref var held = ref (isQueue ? ref _queueFile : ref _cleanFile);
        if (held.Segment != segment || held.File is null)
        {
            held.File?.Dispose();
            held = (segment, PosixFile.Open(path, OpenFlags.O_RDWR));
        }

        return held.File;
    }

    /// <summary>Begins a segment, for which older ones may have to go.</summary>
    ulong Begin(bool isQueue, ulong before)
    {
        if (isQueue && (uint)before >= PackHeader.Size)
            Cut((uint)(before >> 32), (uint)before);
        var disk = isQueue ? QueueDisk : _clean;
        disk.Failure.ThrowIfSet();
        var hot = Trim(keepHot: !isQueue);
        var segment = State.NextSegment;
        State.NextSegment = segment + 1;
        var id = IdOf(segment);
        var path = isQueue ? _files.Layout.OpenPack(id) : _files.Layout.ClosedPack(id);
        var end = CacheEntry.At(segment, PackHeader.Size);
        try
        {
            using (var file = disk.Create(path))
            {
                var header = new byte[PackHeader.Size];
                var created = (ulong)(_options.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
                new PackHeader(id, _config.StoreId, _config.Hash, BlockContent.Data, created).Write(header);
                disk.Write(file, path, header, 0);
            }
        }
        catch (StoreFullException) when (!isQueue)
        {
            Forgive();
            throw;
        }
        catch (StoreUnavailableException) when (!isQueue)
        {
            Forgive();
            throw;
        }

        if (isQueue)
            State.QueueEnd = end;
        else
            State.CleanEnd = end;
        if (hot is not { Count: > 0 })
            return end;
        WriteHot(hot);
        return State.CleanEnd;
    }

    /// <summary>Cuts off what was never acknowledged behind a segment's end: nobody is to take it for damage.</summary>
    void Cut(uint segment, long end)
    {
        var path = _files.Layout.OpenPack(IdOf(segment));
        if (PosixFile.TryOpen(path, OpenFlags.O_RDWR, 0, out var file) != Errno.OK)
            return;
        using (file)
        {
            if (PosixFile.Fstat(file).Size > end)
                QueueDisk.Truncate(file, path, end);
        }
    }
}
