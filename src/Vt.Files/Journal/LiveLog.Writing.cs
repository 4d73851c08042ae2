namespace Vt.Files.Journal;

/// <summary>How the buffers come to the files.</summary>
sealed partial class LiveLog
{
    // Both guarded by _disk: the log file to which was written last, and the last record of it that was.
    LogSegment _written = null!;
    long _writtenSequence;

    // 1 where a bulk file's name may not be durable.
    int _isFolderDirty;

    /// <summary>Hands all records to the kernel, so that they outlive this process. They are not durable by that.</summary>
    /// <exception cref="IOException">The log has failed.</exception>
    public void WriteOut()
    {
        _disk.Wait();
        try
        {
            WriteBuffers();
        }
        finally
        {
            _disk.Release();
        }
    }

    // Writes what there is when it is called. The caller holds _disk.
    (long Sequence, long End) WriteBuffers()
    {
        while (true)
        {
            LogBuffer buffer;
            int length;
            long sequence;
            bool isFull;
            lock (_append)
            {
                isFull = _full.TryPeek(out var first);
                buffer = first ?? _active;
                length = buffer.Length;
                sequence = isFull ? _writtenSequence : _lastSequence;
            }

            var segment = buffer.Segment!;
            if (length > buffer.Written)
            {
                if (segment != _written)
                    BeginFile(segment);
                _io.Write(segment, buffer.Bytes.AsSpan(buffer.Written, length - buffer.Written), buffer.Start + buffer.Written);
                buffer.Written = length;
                segment.WrittenTo = buffer.Start + length;
            }

            if (!isFull)
            {
                _writtenSequence = sequence;
                return (sequence, buffer.Start + length);
            }

            lock (_append)
            {
                _full.Dequeue();
                _free.Push(buffer);
            }
        }
    }

    // Invariant 2: all before the file that is still needed is durable before its header is written. Behind a checkpoint that is nothing: what waited
    // to be stored when it began, up to half a gigabyte, is not written to the disk twice.
    void BeginFile(LogSegment segment)
    {
        if (_written.Header.Epoch >= _firstNeeded)
        {
            SyncBulk(_writtenSequence);
            _io.Sync(_written);
        }

        WriteHeader(segment);
        _written = segment;
    }

    void WriteHeader(LogSegment segment)
    {
        Span<byte> header = stackalloc byte[LogHeader.Length];
        segment.Header.Write(header);
        _io.Write(segment, header, 0);
    }

    // Makes the bulk bytes durable that records up to a number may name.
    bool SyncBulk(long sequence)
    {
        var any = false;
        while (_soiled.TryDequeue(out var segment))
        {
            segment.Clean();
            if (segment.ReleasedAt <= sequence || !_segments.ContainsKey(segment.Number))
                continue;
            segment.WasSynced = true;
            _io.Sync(segment);
            any = true;
        }

        if (Interlocked.Exchange(ref _isFolderDirty, 0) != 0)
            _io.SyncFolder();
        return any;
    }

    // The last mark, for the next opening. The caller holds _disk, and nobody appends.
    void MarkEnd()
    {
        lock (_append)
        {
            if (_active.End == _markedTo || _active.End + 2 * LogFrame.NumberLength > _tail.Reserved
                || _active.Length + LogFrame.NumberLength > _active.Bytes.Length || _tail != _written)
            {
                return;
            }

            _markTo = _active.End;
            PutMark();
        }

        WriteBuffers();
    }
}
