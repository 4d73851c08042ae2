using Vt.Blocks.Encoding;

namespace Vt.Files.Journal;

/// <summary>How records come to the buffers.</summary>
sealed partial class LiveLog
{
    // Room that every frame leaves behind itself: for the file's last frame.
    const int EndRoom = LogFrame.NumberLength;

    // A mark is due when so many bytes became durable: until then they are read and checked in a replay.
    const long MarkDistance = 64 << 10;

    enum Want
    {
        Nothing,
        Buffer,
        Room,
        File,
    }

    // All guarded by _append.
    readonly Queue<LogBuffer> _full = new(Buffers);
    readonly Stack<LogBuffer> _free = new(Buffers);
    LogBuffer _active = null!;
    LogSegment _tail = null!;
    int _bufferCount;
    long _lastSequence;
    uint _epoch;
    long _markedTo; // in _tail
    long _markTo; // what the next mark will say; 0 for none

    /// <summary>Appends a record: whole or, after a crash before it was committed, not at all.</summary>
    /// <param name="record">Its bytes, at most <see cref="LogFrame.LongestRecord"/>; copied.</param>
    /// <returns>Its number, for <see cref="CommitAsync"/>.</returns>
    /// <exception cref="Posix.PosixException">ENOSPC: the disk has no room for it, and it was not taken. Any other: the log has failed.</exception>
    public long Append(ReadOnlySpan<byte> record) => Append(record, default, out _);

    /// <summary>Appends a record with data, on which the caller gets a hold.</summary>
    /// <param name="record">Its bytes, at most <see cref="LogFrame.LongestRecord"/>; copied.</param>
    /// <param name="data">At most <see cref="LogFrame.LongestData"/> bytes, with the record at most <see cref="LongestAppend"/>; copied.</param>
    /// <param name="place">Where the data lies; it can be read at once.</param>
    /// <returns>The record's number, for <see cref="CommitAsync"/>.</returns>
    /// <exception cref="Posix.PosixException">ENOSPC: the disk has no room for it, and it was not taken. Any other: the log has failed.</exception>
    public long Append(ReadOnlySpan<byte> record, ReadOnlySpan<byte> data, out LogPlace place)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.Length, LogFrame.LongestRecord);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, LogFrame.LongestData);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.Length + data.Length, LongestAppend);
        var frame = new LogFrame(LogFrameKind.Record, record.Length, data.Length, Crc32C.Compute(record), Crc32C.Compute(data));
        while (true)
        {
            LogSegment tail;
            Want want;
            lock (_append)
            {
                _io.ThrowIfFailed();
                tail = _tail;
                want = Fit(frame.Length);
                if (want == Want.Nothing)
                {
                    PutMark();
                    place = Put(frame, record, data);
                    if (IsRoomShort())
                        GrowInBackground();
                    return ++_lastSequence;
                }
            }

            Provide(want, tail);
        }
    }

    /// <summary>
    /// Begins an epoch: records appended from now on belong to it. No other append may be under way whose record must be in
    /// the old one; the caller's gate sees to that.
    /// </summary>
    /// <returns>The epoch.</returns>
    /// <exception cref="Posix.PosixException">ENOSPC: there is no room for another file, and the epoch goes on.</exception>
    public uint BeginEpoch()
    {
        while (true)
        {
            LogSegment tail;
            Want want;
            lock (_append)
            {
                _io.ThrowIfFailed();
                tail = _tail;
                want = TrySwitch(_epoch + 1);
                if (want == Want.Nothing)
                {
                    GrowInBackground();
                    return _epoch;
                }
            }

            Provide(want, tail);
        }
    }

    // What a frame lacks in order to be put; rotates buffers and files where that takes no I/O.
    Want Fit(int length)
    {
        length += LogFrame.NumberLength + EndRoom;
        if (_active.End + length > _options.FileSize)
        {
            if (TrySwitch(_epoch) is var want and not Want.Nothing)
                return want;
        }

        if (_active.End + length > _tail.Reserved)
            return Want.Room;
        return _active.Length + length <= _active.Bytes.Length || TryRotate(_tail, _active.End) ? Want.Nothing : Want.Buffer;
    }

    // Ends the file and goes on in the next. Of a file without records only the epoch changes hands.
    Want TrySwitch(uint epoch)
    {
        if (_next is not { } next)
            return Want.File;
        if (_free.Count == 0 && _bufferCount == Buffers)
            return Want.Buffer;
        _io.Pass(next.Path, isDone: false);
        var ended = _tail;
        PutNumber(LogFrameKind.End, next.Number);
        _next = null;
        _tail = new LogSegment(
            next.Header with { Epoch = epoch, Previous = ended.Number, PreviousEpoch = ended.Header.Epoch }, next.Path, next.File)
        {
            Reserved = next.Reserved,
        };
        _segments[_tail.Number] = _tail;
        Volatile.Write(ref _epoch, epoch);
        _markedTo = LogHeader.Room;
        _markTo = 0;
        _ = TryRotate(_tail, LogHeader.Room);
        Seal(ended);
        _io.Pass(next.Path, isDone: true);
        return Want.Nothing;
    }

    bool TryRotate(LogSegment segment, long start)
    {
        if (!_free.TryPop(out var buffer))
        {
            if (_bufferCount == Buffers)
                return false;
            buffer = new LogBuffer(_options.BufferSize);
            _bufferCount++;
        }

        buffer.Begin(segment, start);
        _full.Enqueue(_active);
        _active = buffer;
        return true;
    }

    LogPlace Put(in LogFrame frame, ReadOnlySpan<byte> record, ReadOnlySpan<byte> data)
    {
        var offset = _active.End;
        var bytes = _active.Bytes.AsSpan(_active.Length, frame.Length);
        frame.Write(bytes, _tail.Seed, offset);
        record.CopyTo(bytes[LogFrame.HeadLength..]);
        var dataAt = LogFrame.HeadLength + record.Length;
        data.CopyTo(bytes[dataAt..]);
        bytes[(dataAt + data.Length)..].Clear();
        _active.Length += frame.Length;
        Interlocked.Add(ref _appended, frame.Length);
        if (!data.IsEmpty)
            _tail.Retain(data.Length);
        return new LogPlace(_tail.Number, offset + dataAt);
    }

    void PutNumber(LogFrameKind kind, ulong number)
    {
        LogFrame.WriteNumber(_active.Bytes.AsSpan(_active.Length), kind, number, _tail.Seed, _active.End);
        _active.Length += LogFrame.NumberLength;
    }

    void PutMark()
    {
        if (_markTo == 0)
            return;
        PutNumber(LogFrameKind.Mark, (ulong)_markTo);
        _markedTo = _markTo;
        _markTo = 0;
    }

    // Puts a frame that isn't a record of the caller's, if there is room without more ado.
    Want TryPutDrop(uint number)
    {
        lock (_append)
        {
            var want = Fit(LogFrame.NumberLength);
            if (want != Want.Nothing)
                return want;
            PutNumber(LogFrameKind.Drop, number);
            return Want.Nothing;
        }
    }

    bool IsRoomShort() =>
        !_hasGrowthFailed
        && (_next is null
        || (_tail.Reserved < _options.FileSize && _tail.Reserved - _active.End < Math.Min(_options.ReserveStep, _tail.Reserved) / 2));

    void Provide(Want want, LogSegment tail)
    {
        switch (want)
        {
            case Want.Buffer:
                WriteOut();
                break;
            case Want.Room:
                Grow(tail);
                break;
            default:
                PrepareNext();
                break;
        }

        if (want != Want.Buffer)
            Volatile.Write(ref _hasGrowthFailed, false);
    }
}
