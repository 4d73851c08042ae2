using System.Collections.Concurrent;
using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>Bulk data, and what becomes of bytes that nobody holds.</summary>
sealed partial class LiveLog
{
    // Writers at once; each has a bulk file to itself, since the kernel lets one write to a file at a time.
    const int BulkWriters = 8;

    // A bulk file with less room is at its end.
    const int LeastBulk = 64 << 10;

    readonly SemaphoreSlim _bulkWriters = new(BulkWriters, BulkWriters);
    readonly Stack<LogSegment> _idle = new();
    readonly Stack<LogSegment> _idleKept = new();

    // Bulk files with bytes that may not be durable, and sealed files without holds; each is in a queue once at most.
    readonly ConcurrentQueue<LogSegment> _soiled = new();
    readonly ConcurrentQueue<LogSegment> _released = new();

    /// <summary>Writes data to a bulk file, past the buffers. The caller gets a hold on it, and appends a record that names it.</summary>
    /// <param name="data">At most a bulk file's size less its header; borrowed for the call.</param>
    /// <param name="checksum">Its CRC-32C, for the record.</param>
    /// <param name="isKept">Whether it is of what is local, and not going to be stored.</param>
    /// <returns>Where it lies.</returns>
    /// <exception cref="PosixException">ENOSPC: the disk has no room for it. Any other: the log has failed.</exception>
    public LogPlace WriteBulk(ReadOnlySpan<byte> data, out uint checksum, bool isKept = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, _options.BulkSize - LogHeader.Room);
        checksum = Crc32C.Compute(data);
        _bulkWriters.Wait();
        try
        {
            var segment = TakeBulk(data.Length, isKept);
            var offset = segment.Reserved;
            var isDone = false;
            segment.Retain(data.Length);
            try
            {
                CheckLimit(data.Length);
                _io.Write(segment, data, offset, mayBeFull: true);
                isDone = true;
            }
            finally
            {
                if (!isDone)
                    segment.Release(data.Length);
                GiveBack(segment, isDone ? data.Length : 0);
            }

            return new LogPlace(segment.Number, offset);
        }
        finally
        {
            _bulkWriters.Release();
        }
    }

    /// <inheritdoc/>
    public void Read(LogPlace place, Span<byte> destination)
    {
        var segment = Find(place.Segment);
        var offset = place.Offset;
        while (!destination.IsEmpty)
        {
            var written = segment.IsBulk ? long.MaxValue : segment.WrittenTo;
            int count;
            if (offset < written)
            {
                count = (int)Math.Min(destination.Length, written - offset);
                ReadFile(segment, destination[..count], offset);
            }
            else
            {
                count = ReadBuffer(segment, destination, offset);
            }

            destination = destination[count..];
            offset += count;
        }
    }

    /// <inheritdoc/>
    public void Retain(LogPlace place, long length)
    {
        var segment = _dropped is null || _segments.ContainsKey(place.Segment) ? Find(place.Segment) : Miss(place.Segment);
        segment.Retain(length);
    }

    /// <inheritdoc/>
    public void Release(LogPlace place, long length)
    {
        var segment = Find(place.Segment);
        if (segment.Release(length) == 0 && segment.IsSealed)
            Queue(segment);
    }

    /// <summary>
    /// Says which epochs need no replay any more; what nobody holds of theirs goes. The caller has made durable that the first is the first. Bulk files that
    /// records of later epochs may name go too, if it is cheap to make these durable: nobody needs them, but the kernel would write them some time.
    /// </summary>
    /// <param name="epoch">The first that is still needed; no later than the current one.</param>
    /// <param name="isRoomShort">Whether those have to go, cheap or not.</param>
    /// <exception cref="IOException">The log has failed.</exception>
    public void EndEpochsBefore(uint epoch, bool isRoomShort = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(epoch, Epoch);
        _disk.Wait();
        try
        {
            _io.ThrowIfFailed();
            _firstNeeded = Math.Max(_firstNeeded, epoch);
            foreach (var segment in _segments.Values)
            {
                if (!segment.IsBulk && segment.IsSealed && segment.Held == 0)
                    Queue(segment);
            }

            for (var left = _released.Count; left > 0 && _released.TryDequeue(out var segment); left--)
            {
                if (!IsGoing(segment))
                    continue;
                if (segment.IsBulk && segment.ReleasedIn >= _firstNeeded)
                    _released.Enqueue(segment);
                else
                    Delete(segment);
            }

            DeleteUnsynced();
            if (!_released.IsEmpty && (isRoomShort || _soiled.Sum(static segment => segment.Held) <= _options.CheapSync))
                SyncAll();
        }
        finally
        {
            _disk.Release();
        }
    }

    /// <summary>
    /// Deletes bulk files that nobody needs and that were never synced, without a sync: their memory is free for what is written next, and the disk never hears of
    /// them. Does nothing while somebody syncs, who sees to them as well.
    /// </summary>
    /// <exception cref="IOException">The log has failed.</exception>
    public void DropUnsynced()
    {
        if (!_disk.Wait(0))
            return;
        try
        {
            _io.ThrowIfFailed();
            DeleteUnsynced();
        }
        finally
        {
            _disk.Release();
        }
    }

    // No record that names them is durable, so who has lost their drop frames in a power cut ends the replay before these records, where they would have been
    // damaged anyway. After a kill the frames are there. The caller holds _disk.
    void DeleteUnsynced()
    {
        var taken = new List<LogSegment>();
        SealIdle(static segment => segment.Held == 0 && !segment.WasSynced);
        for (var left = _released.Count; left > 0 && _released.TryDequeue(out var segment); left--)
        {
            if (!IsGoing(segment))
                continue;
            if (segment.IsBulk && !segment.WasSynced && PutDrop(segment))
                taken.Add(segment);
            else
                _released.Enqueue(segment);
        }

        if (taken.Count == 0)
            return;
        WriteBuffers();
        foreach (var segment in taken)
        {
            // Where that began a log file, the records before it are durable, and what follows them is not.
            if (segment.WasSynced)
                _released.Enqueue(segment);
            else
                Delete(segment);
        }
    }

    // The bulk files that a sync need not care for, and after which they go, and log files that go at once. The caller holds _disk.
    List<LogSegment> TakeReleased()
    {
        var taken = new List<LogSegment>();
        SealIdle(static segment => segment.Held == 0);
        for (var left = _released.Count; left > 0 && _released.TryDequeue(out var segment); left--)
        {
            if (!IsGoing(segment))
                continue;
            if (!segment.IsBulk || segment.ReleasedIn < _firstNeeded || PutDrop(segment))
                taken.Add(segment);
            else
                PutOff(segment);
        }

        return taken;
    }

    // Whether a queued file goes, and since when nobody needs it.
    bool IsGoing(LogSegment segment)
    {
        // What waits in buffers goes to a log file before anything else does: also where nothing needs it any more.
        if (!segment.IsBulk && (segment.Header.Epoch >= _firstNeeded || segment.Number >= _written.Number))
        {
            segment.Unqueue();
            return false;
        }

        if (segment.ReleasedAt == long.MaxValue)
        {
            // Whoever let go appended before what takes the bytes' place. The epoch first: it may only be too late.
            segment.ReleasedAt = LastSequence;
            segment.ReleasedIn = Epoch;
        }

        return true;
    }

    // Without a drop frame it must be synced as ever: a replay would look for its bytes.
    void PutOff(LogSegment segment)
    {
        segment.ReleasedAt = long.MaxValue;
        segment.ReleasedIn = uint.MaxValue;
        _released.Enqueue(segment);
        if (segment.Soil())
            _soiled.Enqueue(segment);
    }

    bool PutDrop(LogSegment segment)
    {
        var want = TryPutDrop(segment.Number);
        if (want == Want.Buffer)
        {
            WriteBuffers();
            want = TryPutDrop(segment.Number);
        }

        return want == Want.Nothing;
    }

    void Delete(LogSegment segment)
    {
        _segments.TryRemove(segment.Number, out _);
        if (segment.IsBulk)
            Unlink(segment);
        else
            Retire(segment);
    }

    void Unlink(LogSegment segment)
    {
        _io.Unlink(segment.Path);
        Interlocked.Add(ref _fileBytes, -segment.Reserved);
        segment.Dispose();
    }

    void Queue(LogSegment segment)
    {
        if (segment.TryQueue())
            _released.Enqueue(segment);
    }

    void Seal(LogSegment segment)
    {
        segment.Seal();
        if (segment.Held == 0)
            Queue(segment);
    }

    // Bulk files that are not full but that nobody needs go too, before the kernel writes them.
    void SealIdle(Predicate<LogSegment> isDone)
    {
        lock (_bulk)
        {
            SealIdle(_idle, isDone);
            SealIdle(_idleKept, isDone);
        }
    }

    void SealIdle(Stack<LogSegment> idle, Predicate<LogSegment> isDone)
    {
        if (!idle.Any(segment => isDone(segment)))
            return;
        var left = idle.Reverse().ToArray();
        idle.Clear();
        foreach (var segment in left)
        {
            if (isDone(segment))
                Seal(segment);
            else
                idle.Push(segment);
        }
    }

    LogSegment TakeBulk(int length, bool isKept)
    {
        LogSegment? idle;
        lock (_bulk)
            (isKept ? _idleKept : _idle).TryPop(out idle);
        if (idle is not null)
        {
            if (idle.Reserved + length <= _options.BulkSize)
                return idle;
            Seal(idle);
        }

        return MakeBulk(isKept);
    }

    LogSegment MakeBulk(bool isKept)
    {
        _io.ThrowIfFailed();
        CheckLimit(LogHeader.Room);
        var header = new LogHeader(IsBulk: true, NewNumber(), Epoch, 0, 0, LogHeader.NewSalt());
        var path = PathOf(isBulk: true, header.Number, isKept);
        var segment = new LogSegment(header, path, _io.Create(path)) { Reserved = LogHeader.Room, IsKept = isKept };
        var isDone = false;
        try
        {
            Span<byte> bytes = stackalloc byte[LogHeader.Length];
            header.Write(bytes);
            _io.Write(segment, bytes, 0, mayBeFull: true);
            isDone = true;
        }
        finally
        {
            if (!isDone)
            {
                segment.Dispose();
                _ = PosixFile.TryUnlink(path);
            }
        }

        Interlocked.Add(ref _fileBytes, LogHeader.Room);
        Interlocked.Exchange(ref _isFolderDirty, 1);
        _segments[segment.Number] = segment;
        return segment;
    }

    void GiveBack(LogSegment segment, int length)
    {
        if (length > 0)
        {
            // From page to page: the kernel copies whole pages faster.
            var taken = (length + LogHeader.Room - 1) & -LogHeader.Room;
            segment.Reserved += taken;
            Interlocked.Add(ref _fileBytes, taken);
            if (segment.Soil())
                _soiled.Enqueue(segment);
        }

        if (_options.BulkSize - segment.Reserved < LeastBulk)
        {
            Seal(segment);
            return;
        }

        lock (_bulk)
            (segment.IsKept ? _idleKept : _idle).Push(segment);
    }

    static void ReadFile(LogSegment segment, Span<byte> destination, long offset)
    {
        if (segment.File is not { } file || PosixFile.PreadUpTo(file, destination, offset) < destination.Length)
            throw new PosixException(Errno.EIO, "pread", segment.Path);
    }

    // Copies what a buffer has of a range; 0 where it was written to the file in the meantime.
    int ReadBuffer(LogSegment segment, Span<byte> destination, long offset)
    {
        lock (_append)
        {
            if (Copy(_active, segment, destination, offset) is var count and > 0)
                return count;
            foreach (var buffer in _full)
            {
                if (Copy(buffer, segment, destination, offset) is var copied and > 0)
                    return copied;
            }
        }

        return offset < segment.WrittenTo ? 0 : throw new ArgumentOutOfRangeException(nameof(offset), $"{segment.Path} has no byte {offset}");
    }

    static int Copy(LogBuffer buffer, LogSegment segment, Span<byte> destination, long offset)
    {
        if (buffer.Segment != segment || offset < buffer.Start || offset >= buffer.End)
            return 0;
        var bytes = buffer.Bytes.AsSpan((int)(offset - buffer.Start), (int)Math.Min(destination.Length, buffer.End - offset));
        bytes.CopyTo(destination);
        return bytes.Length;
    }
}
